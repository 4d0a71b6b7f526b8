import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { EMBEDDED } from '../../../src/domain/config/journal-address.js';
import { dirname, join, relative } from 'node:path';
import { emptyHome, openHome } from '../../../src/adapters/home/home.js';
import { openDays } from '../../../src/app/day/open-days.js';
import { sealNow } from '../../../src/app/audit/seal-journal.js';
import { EXPORT_FORMATS, exportBooks } from '../../../src/app/exports/export-books.js';
import { daysPeriod } from '../../../src/app/exports/statement-periods.js';
import { openRuntime, type EngineRuntime } from '../../../src/composition/engine-runtime.js';
import { openFeed } from '../../../src/composition/market-source.js';
import { runDays } from '../../../src/composition/run-days.js';
import { parseSettings } from '../../../src/domain/config/settings.js';
import { nextTradingDay } from '../../../src/domain/calendar/nyse.js';
import type { HomePaths } from '../../../src/domain/home/home-paths.js';
import { Decimal } from '../../../src/kernel/decimal.js';
import { TradeBotError } from '../../../src/kernel/errors.js';
import { SeededRandom } from '../../../src/kernel/random.js';
import { parseDateText, type DateText } from '../../../src/kernel/time.js';
import { copyTree } from '../../support/copy-tree.js';

const IDENTITY = { entityCode: 'DEMO', jurisdictionCode: 'US', brokerCode: 'SIM', botId: 'B01' };
const FIRST_DAY = parseDateText('2026-01-05');
/** Trades nothing: what is kept does not depend on it, and a day is quick. */
const SETTINGS = parseSettings({ DISABLE_ALL_TRADES: 'true' });

/** A command on a home: what it did is in the files; refusals are of the program's own kind. */
type Deed = 'start' | 'rebuild' | 'check' | 'seal' | 'export' | 'day' | 'fresh';
const DEEDS: readonly Deed[] = ['start', 'rebuild', 'check', 'seal', 'export', 'day', 'fresh'];

/** A home with its evidence as it was made, and what was done to the files since. */
export class EvidenceHome {
  readonly paths: HomePaths;
  /** By path: the bytes that the file must have while it exists. */
  readonly #bytes = new Map<string, string>();
  /** Files that somebody changed: they stay as they are, and are reported. */
  readonly #changed = new Set<string>();
  /** Files that somebody deleted: they may come back, as they were made. */
  readonly #deleted = new Set<string>();
  readonly #originals = new Map<string, string>();
  /** Bytes of before a new beginning: each must be kept somewhere. */
  readonly #earlier = new Set<string>();
  #nextDay: DateText = nextTradingDay(FIRST_DAY);

  private constructor(readonly dir: string) {
    this.paths = openHome({ dir, identity: IDENTITY, create: true, version: 'test' }).paths;
  }

  /** A home that has traded and sealed one day. */
  static async traded(dir: string): Promise<EvidenceHome> {
    const home = new EvidenceHome(dir);
    await home.#trade(FIRST_DAY);
    home.#learn();
    return home;
  }

  copy(dir: string): EvidenceHome {
    copyTree(this.dir, dir);
    const home = new EvidenceHome(dir);
    home.#learn();
    return home;
  }

  /** Changes one piece of evidence at random, as a person or a fault might; returns what was done. */
  damage(random: SeededRandom): string {
    const files = this.#evidence();
    const path = files[random.integer(0, files.length - 1)];
    const other = files[random.integer(0, files.length - 1)];
    if (path === undefined || other === undefined) return 'nothing to damage';
    const text = readFileSync(path, 'latin1');
    const how = (['cut', 'change', 'swap', 'delete', 'empty'] as const)[random.integer(0, 4)] ?? 'cut';
    if (how === 'delete') this.#delete(path);
    if (how === 'cut') this.#write(path, text.slice(0, random.integer(0, text.length - 1)));
    if (how === 'empty') this.#write(path, '');
    // A seal with other content may contradict the journal, which the home then refuses; the signature is enough here.
    if (how === 'change') this.#write(path, `${text.slice(0, -3)}#${text.slice(-2)}`);
    if (how === 'swap') {
      this.#write(path, readFileSync(other, 'latin1'));
      this.#write(other, text);
    }
    return `${how} ${relative(this.dir, path)}`;
  }

  /** Runs a command as the command line does; a refusal by the program is a result. */
  async run(deed: Deed, random: SeededRandom): Promise<string> {
    try {
      await this.#run(deed, random);
      return `${deed}: done`;
    } catch (error) {
      if (error instanceof TradeBotError) return `${deed}: ${error.code}`;
      throw error;
    } finally {
      this.#learn();
    }
  }

  /** What is not as it must be: evidence that is gone, replaced, or changed without a report. */
  faults(): readonly string[] {
    const kept = new Set(filesBelow(this.paths.storage.journalDir).map((path) => readFileSync(path, 'latin1')));
    const lost = [...this.#earlier].filter((bytes) => !kept.has(bytes)).map(() => 'evidence of before is gone');
    const wrong = [...this.#bytes].flatMap(([path, bytes]) => {
      const name = relative(this.dir, path);
      if (!existsSync(path)) return this.#deleted.has(path) ? [] : [`${name} is gone`];
      return readFileSync(path, 'latin1') === bytes ? [] : [`${name} was replaced`];
    });
    return [...lost, ...wrong];
  }

  /** The names of changed files that exist, which the program must report. */
  changed(): readonly string[] {
    return [...this.#changed].filter((path) => existsSync(path)).map((path) => relative(this.dir, path));
  }

  /** What the program reports after a start. */
  async reported(): Promise<readonly string[]> {
    return this.#with(async ({ projector }) => (await projector.catchUp()).evidence);
  }

  async #run(deed: Deed, random: SeededRandom): Promise<void> {
    if (deed === 'fresh') {
      for (const path of this.#evidence()) this.#earlier.add(readFileSync(path, 'latin1'));
      emptyHome(this.paths);
      for (const known of [this.#bytes, this.#changed, this.#deleted, this.#originals]) known.clear();
      this.#nextDay = FIRST_DAY;
    }
    if (deed === 'day' || deed === 'fresh') {
      await this.#trade(this.#nextDay);
      this.#nextDay = nextTradingDay(this.#nextDay);
      return;
    }
    await this.#with(async (runtime) => {
      runtime.toLastEvent();
      const { projector, sealing, journal } = runtime;
      await projector.catchUp();
      if (deed === 'rebuild') await projector.rebuild(random.chance(0.5) ? 'all' : 'exports');
      if (deed === 'check') await projector.check('all');
      if (deed === 'seal') await sealNow(sealing, journal);
      if (deed === 'export') await this.#export(runtime, random);
      await projector.catchUp();
    });
  }

  async #export(runtime: EngineRuntime, random: SeededRandom): Promise<void> {
    const format = EXPORT_FORMATS[random.integer(0, EXPORT_FORMATS.length - 1)] ?? 'csv';
    const to = random.chance(0.5) ? FIRST_DAY : parseDateText('2026-12-31');
    const period = await daysPeriod(runtime, FIRST_DAY, to);
    await exportBooks(runtime, { format, name: `range_${FIRST_DAY}_${to}`, period });
  }

  async #trade(date: DateText): Promise<void> {
    const feed = openFeed({ kind: 'synthetic', seed: 1, symbols: [] });
    const days = openDays({ feed, settings: SETTINGS, from: date, days: 1 });
    const options = { days, settings: SETTINGS, brokerSeed: 1, openingCash: Decimal.parse('1000.00') };
    await this.#with((runtime) => runDays(runtime, { ...options, onProgress: () => undefined }));
  }

  async #with<T>(work: (runtime: EngineRuntime) => Promise<T>): Promise<T> {
    const { identity, identityParts, paths } = openHome({ dir: this.dir, create: true, version: 'test' });
    const runtime = await openRuntime({ paths, identity, identityParts, versionTag: 'test', address: EMBEDDED });
    try {
      return await work(runtime);
    } finally {
      await runtime.close();
    }
  }

  /** Evidence that the program made since: from now on it must stay. */
  #learn(): void {
    for (const path of this.#evidence()) {
      const text = readFileSync(path, 'latin1');
      if (!this.#bytes.has(path)) this.#bytes.set(path, text);
      if (!this.#originals.has(path)) this.#originals.set(path, text);
    }
  }

  #write(path: string, text: string): void {
    if (readFileSync(path, 'latin1') === text) return;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text, 'latin1');
    this.#bytes.set(path, text);
    this.#deleted.delete(path);
    this.#changed.add(path);
  }

  #delete(path: string): void {
    rmSync(path);
    this.#bytes.set(path, this.#originals.get(path) ?? '');
    this.#deleted.add(path);
    this.#changed.delete(path);
  }

  #evidence(): readonly string[] {
    return [...filesBelow(this.paths.output.audit), ...filesBelow(this.paths.output.exports)];
  }
}

function filesBelow(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const path = join(folder, name);
      return statSync(path).isDirectory() ? filesBelow(path) : [path];
    });
}

/** Days and new beginnings take longest, so they are rarer. */
function deedOf(random: SeededRandom): Deed {
  const deed = DEEDS[random.integer(0, DEEDS.length - 1)] ?? 'start';
  return (deed === 'day' || deed === 'fresh') && random.chance(0.7) ? 'start' : deed;
}

/** What one random sequence of damage and commands came to. */
export interface Sequence {
  readonly story: readonly string[];
  readonly faults: readonly string[];
  /** Changed files that the last start did not report. */
  readonly silent: readonly string[];
}

/** Damages a copy of `base` and runs commands on it, at random by the seed, until something is wrong or five steps are done. */
export async function randomSequence(base: EvidenceHome, dir: string, seed: number): Promise<Sequence> {
  const random = SeededRandom.of('kept-evidence', seed);
  const home = base.copy(dir);
  const story: string[] = [];
  for (let step = 0; step < 5; step += 1) {
    if (random.chance(0.5)) story.push(home.damage(random));
    story.push(await home.run(deedOf(random), random));
    const faults = home.faults();
    if (faults.length > 0) return { story, faults, silent: [] };
  }
  const reported = await home.reported();
  const silent = home.changed().filter((name) => !reported.some((line) => line.startsWith(name)));
  return { story, faults: home.faults(), silent };
}
