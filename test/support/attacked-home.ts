import { expect } from '@jest/globals';
import { EMBEDDED } from '../../src/domain/config/journal-address.js';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SystemClock } from '../../src/adapters/clock/system-clock.js';
import { SyntheticFeed } from '../../src/adapters/feed-synthetic/synthetic-feed.js';
import { openHome } from '../../src/adapters/home/home.js';
import { sealNow } from '../../src/app/audit/seal-journal.js';
import { openDays } from '../../src/app/day/open-days.js';
import { exportBooks } from '../../src/app/exports/export-books.js';
import { daysPeriod } from '../../src/app/exports/statement-periods.js';
import { openRuntime, type EngineRuntime } from '../../src/composition/engine-runtime.js';
import { openHomeJournal } from '../../src/composition/open-home-journal.js';
import { runDays } from '../../src/composition/run-days.js';
import { parseSettings } from '../../src/domain/config/settings.js';
import { homePaths } from '../../src/domain/home/home-paths.js';
import { Decimal } from '../../src/kernel/decimal.js';
import { TradeBotError } from '../../src/kernel/errors.js';
import { composeBotIdentity } from '../../src/kernel/identity.js';
import { SeededRandom } from '../../src/kernel/random.js';
import { parseDateText, type DateText } from '../../src/kernel/time.js';
import { filesUnder } from '../unit/support/home.js';
import { copyTree } from './copy-tree.js';
import { ATTACKS, type OtherJournals } from './journal-attacks.js';

const PARTS = { entityCode: 'TEST', jurisdictionCode: 'US', brokerCode: 'SIM', botId: 'B01' };
const IDENTITY = composeBotIdentity(PARTS);
const DAYS = ['2026-01-06', '2026-01-07'].map((text) => parseDateText(text));

async function withRuntime(dir: string, work: (runtime: EngineRuntime) => Promise<unknown>): Promise<void> {
  const runtime = await openRuntime({
    paths: homePaths(dir, IDENTITY),
    identity: IDENTITY,
    identityParts: PARTS,
    versionTag: 'test',
    address: EMBEDDED,
  });
  try {
    runtime.toLastEvent();
    await work(runtime);
  } finally {
    await runtime.close();
  }
}

async function trade(dir: string, from: DateText, seed: number): Promise<void> {
  openHome({ dir, identity: PARTS, create: true, version: 'test' });
  const settings = parseSettings({});
  await withRuntime(dir, (runtime) =>
    runDays(runtime, {
      days: openDays({ feed: new SyntheticFeed({ seed }), settings, from, days: 1 }),
      ...{ settings, brokerSeed: seed, openingCash: Decimal.parse('100000.00'), onProgress: () => undefined },
    }),
  );
}

/** What works on the journal of a home; each must refuse an attacked one before it changes anything. */
const COMMANDS: Readonly<Record<string, (dir: string) => Promise<void>>> = {
  'run, a worker, the projector': async (dir) => {
    const paths = homePaths(dir, IDENTITY);
    await (await openHomeJournal({ paths, identity: IDENTITY, clock: new SystemClock(), address: EMBEDDED })).close();
  },
  'rebuild all': (dir) => withRuntime(dir, ({ projector }) => projector.rebuild('all')),
  'rebuild all --check': (dir) => withRuntime(dir, ({ projector }) => projector.check('all')),
  seal: (dir) => withRuntime(dir, ({ sealing, journal }) => sealNow(sealing, journal)),
  export: (dir) =>
    withRuntime(dir, async (runtime) => {
      const period = await daysPeriod(runtime, DAYS[0]!, DAYS[1]!);
      return exportBooks(runtime, { format: 'csv', name: 'range_2026-01-06_2026-01-07', period });
    }),
  day: (dir) => trade(dir, parseDateText('2026-01-08'), 3),
};

const REFUSALS = ['JOURNAL_CORRUPT', 'JOURNAL_CUT', 'JOURNAL_REWRITTEN', 'JOURNAL_EMPTIED', 'JOURNAL_FOREIGN'];

/** A home with two sealed sessions, and homes whose journals may be put in its place. */
export class AttackedHome {
  readonly #scratch = mkdtempSync(join(tmpdir(), 'tradebot-attacks-'));
  readonly #sound = join(this.#scratch, 'sound');
  #others: OtherJournals = { older: '', other: '' };

  async make(): Promise<void> {
    const journalIn = (dir: string): string => homePaths(dir, IDENTITY).storage.journalDb;
    const [older, other] = [join(this.#scratch, 'older'), join(this.#scratch, 'other')];
    await trade(this.#sound, DAYS[0]!, 3);
    copyTree(this.#sound, older);
    await trade(this.#sound, DAYS[1]!, 3);
    await trade(other, DAYS[0]!, 4);
    this.#others = { older: journalIn(older), other: journalIn(other) };
  }

  remove(): void {
    rmSync(this.#scratch, { recursive: true, force: true });
  }

  /** One attack and one command: refused with a reason, and no output, seal or export differs afterwards. */
  async attack(seed: number): Promise<string> {
    const random = SeededRandom.of('journal-attack', String(seed));
    const [attacks, commands] = [Object.keys(ATTACKS), Object.keys(COMMANDS)];
    const attack = attacks[seed % attacks.length]!;
    const command = commands[Math.floor(random.next() * commands.length)]!;
    const dir = join(this.#scratch, 'attacked');
    copyTree(this.#sound, dir);
    try {
      const { storage, output } = homePaths(dir, IDENTITY);
      ATTACKS[attack]!({ journal: storage.journalDb, random, others: this.#others });
      const before = filesUnder(output.dir);
      const left = existsSync(storage.journalDb);
      const outcome = await COMMANDS[command]!(dir).then(
        () => 'worked on it',
        (error: unknown) => (error instanceof TradeBotError ? error.code : String(error)),
      );
      const what = `${seed}: ${command} after ${attack}: ${outcome}`;
      expect([what, REFUSALS.includes(outcome)]).toEqual([what, true]);
      expect([what, withoutLogs(filesUnder(output.dir))]).toEqual([what, withoutLogs(before)]);
      expect([what, existsSync(storage.journalDb)]).toEqual([what, left]);
      return `${attack} / ${command}`;
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  }
}

/** A database that is read leaves its log and index. */
function withoutLogs(files: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(files).filter(([name]) => !/-(wal|shm)$/.test(name)));
}
