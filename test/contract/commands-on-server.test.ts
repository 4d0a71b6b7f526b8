import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SyntheticFeed } from '../../src/adapters/feed-synthetic/synthetic-feed.js';
import { openDays } from '../../src/app/day/open-days.js';
import { openRuntime } from '../../src/composition/engine-runtime.js';
import { runDays } from '../../src/composition/run-days.js';
import { LOCKED_HOME } from '../../src/app/ownership/effects-guard.js';
import { EMBEDDED, type JournalAddress } from '../../src/domain/config/journal-address.js';
import { parseSettings } from '../../src/domain/config/settings.js';
import type { RecordedEvent } from '../../src/events/event.js';
import { Decimal } from '../../src/kernel/decimal.js';
import { parseUtcText } from '../../src/kernel/time.js';
import { BOTH_WAYS, DAY } from '../simulation/support/days.js';
import { CommandRunner, type CommandResult } from '../support/command-runner.js';
import { EsdbDouble } from '../support/esdb-double/double.js';
import { provisionTestHome, TEST_PARTS, TEST_VERSION } from '../support/provision.js';
import { removeTemporaryHomes, temporaryHome } from '../unit/support/home.js';

const runner = new CommandRunner();
let double: EsdbDouble;
let embedded: Traded;
let served: Traded;

/** A home that traded a day, and what commands ask of it: the same things in both, each by its own name. */
interface Traded {
  readonly home: string;
  readonly fill: RecordedEvent<'OrderFilled'>;
  /** The position of an event in the middle of the session. */
  readonly middle: string;
}

async function traded(address: JournalAddress): Promise<Traded> {
  const home = temporaryHome();
  const settings = { ...BOTH_WAYS, JOURNAL_URL: address.url };
  const clock = { now: () => parseUtcText('2013-10-06T12:00:00.000Z') };
  const { paths, identity } = await provisionTestHome(home, { settings }, { clock });
  const runtime = await openRuntime({ paths, identity, identityParts: TEST_PARTS, versionTag: TEST_VERSION, address });
  const inForce = parseSettings(settings);
  // who owns the bot is no part of what commands answer: both journals get the same events
  await runDays(
    { ...runtime, effects: LOCKED_HOME },
    {
      days: openDays({ feed: new SyntheticFeed({ seed: 1 }), settings: inForce, from: DAY, days: 1 }),
      settings: inForce,
      brokerSeed: 1,
      openingCash: Decimal.parse('25000.00'),
      onProgress: () => undefined,
    },
  );
  const events = await runtime.journal.readAll();
  await runtime.close();
  const fill = events.find(
    (event): event is RecordedEvent & RecordedEvent<'OrderFilled'> => event.type === 'OrderFilled',
  )!;
  return { home, fill, middle: events[Math.floor(events.length / 2)]!.position };
}

beforeAll(async () => {
  double = await EsdbDouble.start();
  embedded = await traded(EMBEDDED);
  served = await traded({ url: double.url });
});

afterAll(async () => {
  await runner.end();
  double.stop();
  removeTemporaryHomes();
});

const REASON = ['--reason', 'as agreed'];
const RANGE = ['--from', DAY, '--to', DAY];
const FLOAT = ['float', 'inject', '10.00', ...REASON, '--request', 'the-first-request'];

/** For the names of the tests. */
const SHOWN = {
  fill: { id: 'FILL', stream: 'ORDER', data: { symbol: 'SYMBOL' } },
  middle: 'POSITION',
} as unknown as Traded;

/** In this order: some write. */
const COMMANDS: readonly ((of: Traded) => readonly string[])[] = [
  () => ['verify'],
  () => ['events', '--limit', '5'],
  ({ fill }) => ['events', '--stream', fill.stream, '--json'],
  ({ middle }) => ['explain', middle],
  () => ['decisions', '--date', DAY],
  ({ fill }) => ['explain', fill.id],
  ({ fill, middle }) => ['explain', `position:${fill.data.symbol}`, '--at', middle],
  () => ['explain', 'fields'],
  ({ middle }) => ['as-of', '--position', middle],
  () => ['as-of', '--time', `${DAY}T16:00Z`, '--json'],
  () => ['what-if', '--session', DAY, '--set', 'MAX_OPEN_POSITIONS=1'],
  () => ['seal'],
  ({ fill }) => ['proof', fill.id],
  () => ['verify'],
  () => FLOAT,
  () => FLOAT,
  () => ['adjust', '--cash', '-0.35', '--account', '4055', ...REASON],
  () => ['reset', 'kill-switch', ...REASON],
  () => ['mismatch', 'list'],
  () => ['confirmations', 'list'],
  () => ['export', 'ofx', ...RANGE],
  () => ['export', 'hledger', ...RANGE],
  () => ['rebuild', 'all', '--check'],
  () => ['rebuild', 'all'],
  () => ['users', 'check'],
  () => ['settings', 'get', 'MAX_OPEN_POSITIONS'],
  () => ['settings', 'set', 'MAX_OPEN_POSITIONS=3'],
  () => ['settings', 'history', '--limit', '2'],
  () => ['keys', 'rotate', ...REASON],
];

async function answerOf(
  args: readonly string[],
  { home }: Traded,
): Promise<Pick<CommandResult, 'code' | 'out' | 'err'>> {
  const { code, out, err } = await runner.run([...args, '--home', home]);
  return { code, out: neutral(out, home), err: neutral(err, home) };
}

/** Without what differs between two homes: paths, positions, hashes, keys, chance and the time of the machine. */
function neutral(text: string, home: string): string {
  return text
    .replaceAll(home, '<home>')
    .replace(/\b(?:\d{20}-\d{20}|\d{16})\b/g, '<position>')
    .replace(/\bprovisioning-[0-9a-f]{32}\b/g, 'provisioning')
    .replace(/\b[0-9a-f]{64}\b/g, '<hash>')
    .replace(/public key \S+|"(?:publicKey|signature)": "[^"]+"/g, '<key>')
    .replace(/^\S+Z (?=user:|system:)/gm, '')
    .replace(/\b(position|from|event) (?:\d+|<position>)/g, '$1 <position>')
    .replace(/^([> ]) *(?:\d+|<position>) (?=\d{4}-\d\d-\d\dT)/gm, '$1 <position> ');
}

describe('each command answers for a journal on a server what it answers for one in the home', () => {
  test.each(COMMANDS.map((args) => [args(SHOWN).join(' '), args] as const))('%s', async (_line, args) => {
    const answer = await answerOf(args(served), served);
    expect(answer).toEqual(await answerOf(args(embedded), embedded));
    expect(answer.code).toBe(args(served)[0] === 'reset' ? 1 : 0);
  });

  test('TRADEBOT_JOURNAL_URL does not lead a home that is set up to another journal', async () => {
    const elsewhere = { TRADEBOT_JOURNAL_URL: 'esdb://bot:hunter2@another:2113' };
    for (const { home } of [embedded, served]) {
      const { code, err } = await runner.run(['events', '--home', home], elsewhere);
      expect([code, err]).toEqual([1, expect.stringContaining('JOURNAL_URL_DIFFERS')]);
      expect(err).not.toContain('hunter2');
    }
    const same = await runner.run(['verify', '--home', served.home], { TRADEBOT_JOURNAL_URL: double.url });
    expect(same).toMatchObject({ code: 0 });
  });
});
