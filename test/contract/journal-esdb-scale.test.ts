import { afterEach, expect, test } from '@jest/globals';
import { refuseLostHistory } from '../../src/app/audit/lost-history.js';
import { ChainVerifier, type VerifiedMark } from '../../src/app/audit/verified-chain.js';
import { EsdbJournal } from '../../src/adapters/journal-esdb/esdb-journal.js';
import type { JournalHead } from '../../src/ports/journal.js';
import { VirtualClock } from '../../src/adapters/clock/virtual-clock.js';
import { DoubleStore } from '../support/esdb-double/store.js';
import { EsdbDouble } from '../support/esdb-double/double.js';
import { headOf, logOfManyBots } from '../support/esdb-double/generated-bots.js';
import { freshIdentity } from '../support/esdb-double/test-server.js';
import { START, named, ALPHA } from './support/journal-events.js';

const OURS = 1_000_000;
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

test.each([
  ['hash', (head: JournalHead) => ({ ...head, hash: '0'.repeat(64) as typeof head.hash })],
  ['position', (head: JournalHead) => ({ ...head, position: '0000000000000002' as typeof head.position })],
] as const)('events are counted again when the kept head has another %s than the log', async (_what, wrong) => {
  await open(400, wrong);
  expect(await journal.head()).toMatchObject({ count: 400 });
});
