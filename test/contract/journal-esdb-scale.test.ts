import { afterEach, expect, test } from '@jest/globals';
import { refuseLostHistory } from '../../src/app/audit/lost-history.js';
import { ChainVerifier, type VerifiedMark } from '../../src/app/audit/verified-chain.js';
import { UserRecords } from '../../src/app/access/user-records.js';
import { readDecisions } from '../../src/app/decisions/read-decisions.js';
import { readComparison } from '../../src/app/manual-entries/open-mismatches.js';
import { ProtectionsJournal } from '../../src/app/risk/protections-journal.js';
import { currentFloat } from '../../src/app/settings/current-float.js';
import { newestExports } from '../../src/app/web-queries/journaled-exports.js';
import { JournalPages } from '../../src/app/web-queries/journal-pages.js';
import type { EventType, StreamName } from '../../src/events/event.js';
import type { ClientOrderId, StrategyName } from '../../src/events/names.js';
import { STREAMS } from '../../src/events/streams.js';
import type { DateText } from '../../src/kernel/time.js';
import { EsdbJournal } from '../../src/adapters/journal-esdb/esdb-journal.js';
import type { JournalHead } from '../../src/ports/journal.js';
import { VirtualClock } from '../../src/adapters/clock/virtual-clock.js';
import { DoubleStore } from '../support/esdb-double/store.js';
import { EsdbDouble } from '../support/esdb-double/double.js';
import { headOf, logOfManyBots } from '../support/esdb-double/generated-bots.js';
import { freshIdentity } from '../support/esdb-double/test-server.js';
import { example } from './support/example-events.js';
import { START, named, ALPHA } from './support/journal-events.js';

const OURS = 1_000_000;
/** Fewer, because the double looks through all of them for each filter. */
const MANY = 100_000;
const UNSEEN = 40;

let double: EsdbDouble;
let journal: EsdbJournal;

afterEach(async () => {
  await journal.close();
  double.stop();
});

/** A server with so many events of this bot among nine times as many of others, opened as a command does. */
async function open(ours: number, counted: (head: JournalHead) => JournalHead): Promise<JournalHead> {
  const botIdentity = freshIdentity();
  const log = logOfManyBots(botIdentity, ours);
  double = await EsdbDouble.start({ store: new DoubleStore(log) });
  const known = headOf(log, UNSEEN);
  journal = await EsdbJournal.open({
    url: double.url,
    botIdentity,
    clock: new VirtualClock(START),
    counted: counted(known),
  });
  return known;
}

test('a command starts on a million events by reading what is new since the last one', async () => {
  const known = await open(OURS, (head) => head);
  const kept: JournalHead[] = [];
  const mark: VerifiedMark = { read: () => known, keep: (head) => void kept.push(head), forget: () => undefined };
  const evidence = { name: 'a seal', path: null, position: known.position, hash: known.hash, followed: true };
  const none = { path: 'exports/csv/x.csv', format: 'csv', name: 'x' } as const;
  await expect(refuseLostHistory(journal, { marks: [evidence], exports: [none] })).rejects.toMatchObject({
    code: 'JOURNAL_CUT',
    details: { contradictions: 1 },
  });
  await new ChainVerifier({ journal, mark }).verifyNews();
  expect(await journal.head()).toMatchObject({ count: OURS });
  expect(kept).toMatchObject([{ count: OURS }]);
  expect(double.calls.read).toBeLessThan(20 + UNSEEN);
  expect(double.bytes.sent).toBeLessThan(200_000);
  await journal.append(ALPHA, named(2), { expectedRevision: 'noStream' });
  expect(await journal.head()).toMatchObject({ count: OURS + 2 });
});

/** What a bot of some months has in the streams of which there is one, and in its newest session. */
const KEPT: readonly (readonly [StreamName, number, readonly EventType[]])[] = [
  [STREAMS.config, 300, ['ConfigChanged']],
  [STREAMS.float, 300, ['FloatAdjusted', 'FloatSnapshotTaken']],
  [STREAMS.accounting, 1_000, ['BooksCompared', 'BrokerActivityImported']],
  [STREAMS.health, 1_000, ['BuildCheckCompleted', 'WatchdogStateChanged', 'WatchdogStateChanged']],
  [STREAMS.lifecycle, 1_000, ['BotStateChanged', 'SelfCheckCompleted', 'MarketFeedSelected']],
  [STREAMS.processes, 1_200, ['ProcessStarted', 'ProcessStopped', 'ControlFlagConsumed', 'TestRunEnded']],
  [STREAMS.reporting, 1_000, ['DailySummaryCompiled', 'JournalSealed', 'BooksExported']],
  [STREAMS.secrets, 50, ['SecretChanged', 'SecretsRotated']],
  [STREAMS.risk, 300, ['KillSwitchTripped', 'KillSwitchReset']],
  [STREAMS.user('u-1'), 100, ['UserRegistered', 'LoginSucceeded', 'SessionEnded']],
  [STREAMS.session('2013-10-07' as DateText), 1, ['SessionOpened']],
  [STREAMS.strategy('open' as StrategyName, '2013-10-07' as DateText), 400, ['SignalTriggered', 'CandidateRejected']],
  [STREAMS.order('O-1' as ClientOrderId), 1, ['OrderIntended']],
];

/** What is read for a command or the first request of a page, with the most calls and kilobytes that it may cost. */
const READS: readonly (readonly [string, number, number, (journal: EsdbJournal) => Promise<unknown>])[] = [
  ['status: the state', 2, 30, (journal) => new JournalPages(journal).state()],
  ['status: protections', 4, 400, (journal) => new ProtectionsJournal(journal).now()],
  ['settings: history', 1, 60, (journal) => new JournalPages(journal).configHistory({ limit: 20 })],
  ['control: flags', 2, 100, (journal) => new JournalPages(journal).flags(10)],
  ['tests: runs', 3, 1_400, (journal) => new JournalPages(journal).testRuns(10)],
  ['health: failed checks', 4, 100, (journal) => new JournalPages(journal).checkFailures()],
  ['exports: list', 2, 300, (journal) => newestExports(journal, { limit: 50 })],
  ['float', 3, 300, (journal) => currentFloat(journal)],
  ['books against broker', 6, 2_500, (journal) => readComparison(journal)],
  ['users', 2, 120, (journal) => new UserRecords(journal).refresh()],
  [
    'decisions of a session',
    4,
    700,
    (journal) => readDecisions(journal, '2013-10-07' as DateText, ['open' as StrategyName]),
  ],
  ['audit: newest events', 1, 60, (journal) => new JournalPages(journal).events({ limit: 50 })],
  ['audit: seals', 2, 300, (journal) => new JournalPages(journal).events({ limit: 50, types: ['JournalSealed'] })],
];

test('what a page or command shows costs a few calls, however many orders the bot has', async () => {
  await open(MANY, (head) => head);
  for (const [stream, count, types] of KEPT) {
    const events = Array.from({ length: count }, (_, index) =>
      example(types[index % types.length]!, `${stream}${index}`),
    );
    for (let from = 0; from < count; from += 500) {
      await journal.append(stream, events.slice(from, from + 500), { expectedRevision: 'any' });
    }
  }
  // The first read of a stream compares its positions with the log, once a process.
  await new JournalPages(journal).state();
  const dear: string[] = [];
  for (const [what, calls, kilobytes, read] of READS) {
    const before = { calls: double.calls.read, sent: double.bytes.sent };
    await read(journal);
    const cost = { calls: double.calls.read - before.calls, kilobytes: (double.bytes.sent - before.sent) / 1_000 };
    if (cost.calls > calls || cost.kilobytes > kilobytes) dear.push(`${what}: ${JSON.stringify(cost)}`);
  }
  expect(dear).toEqual([]);
});

test.each([
  ['hash', (head: JournalHead) => ({ ...head, hash: '0'.repeat(64) as typeof head.hash })],
  ['position', (head: JournalHead) => ({ ...head, position: '0000000000000002' as typeof head.position })],
] as const)('events are counted again when the kept head has another %s than the log', async (_what, wrong) => {
  await open(400, wrong);
  expect(await journal.head()).toMatchObject({ count: 400 });
});
