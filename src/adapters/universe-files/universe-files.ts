import { appendFileSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import { BLOCKLIST_HEADER } from '../../domain/universe/blocklist.js';
import type { SnapshotPaths, UniversePaths } from '../../domain/home/universe-paths.js';
import { dataError, TradeBotError } from '../../kernel/errors.js';
import { sha256Hex, type Sha256Hex } from '../../kernel/hash.js';
import { toUtcText, type Clock, type DateText } from '../../kernel/time.js';
import type { Snapshot, SnapshotHead, SnapshotLine, UniverseFiles, UniverseStore } from '../../ports/universe-store.js';
import { syncFolder, writeFileAtomic, writeFileOnce } from '../files/atomic-write.js';
import { GrowingFile, textIfThere } from '../files/growing-file.js';
import { makeFolders } from '../files/make-folders.js';
import { namesIn } from '../files/names-in.js';

const READABLE = 0o644;
const PRIVATE_FOLDER = 0o700;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
/** The log of the universe keeps its newest half beyond this. */
const MOST_LOG_BYTES = 1_000_000;
const GZIP_LEVEL = 4;

/** The files of the universe in a home. One process builds at a time: the caller holds the lock of the home, or is its worker. */
export class UniverseFilesStore implements UniverseStore {
  #lines: GrowingFile | undefined;

  constructor(
    private readonly paths: UniversePaths,
    private readonly clock: Clock,
  ) {}

  blocklistText(): string {
    const { blocklist } = this.paths;
    writeFileOnce(blocklist, BLOCKLIST_HEADER, READABLE);
    return readFileSync(blocklist, 'utf8');
  }

  unfinished(): Snapshot | undefined {
    return readSnapshot(this.paths.unfinished);
  }

  begin(head: SnapshotHead, lines: readonly SnapshotLine[]): void {
    const { unfinished } = this.paths;
    this.#lines = undefined;
    writeFileAtomic(unfinished.lines, lines.map(lineText).join(''));
    writeFileAtomic(unfinished.head, `${JSON.stringify(head)}\n`);
  }

  keep(line: SnapshotLine, text: string | undefined): void {
    if (text !== undefined && line.sha256 !== null && !this.hasText(line.sha256)) {
      // one that is there under this name is damaged: it is replaced
      writeFileAtomic(this.paths.answer(line.sha256), gzipSync(text, { level: GZIP_LEVEL }));
    }
    const { lines } = this.paths.unfinished;
    this.#lines ??= new GrowingFile(lines, Buffer.byteLength(wholeLines(textIfThere(lines) ?? ''), 'utf8'));
    this.#lines.append(lineText(line));
  }

  textOf(sha256: Sha256Hex): string {
    const text = this.#textAt(sha256);
    if (text !== undefined) return text;
    throw dataError({
      code: 'SNAPSHOT_DAMAGED',
      message: `the recorded answer ${sha256} is missing or damaged`,
      remedy: 'A build asks the provider again; a past date with this answer cannot be rebuilt.',
    });
  }

  hasText(sha256: Sha256Hex): boolean {
    return this.#textAt(sha256) !== undefined;
  }

  snapshot(date: DateText): Snapshot | undefined {
    return readSnapshot(this.paths.snapshot(date));
  }

  dates(): readonly DateText[] {
    return namesIn(this.paths.snapshots).filter((name) => DATE.test(name)) as unknown as readonly DateText[];
  }

  showProgress(text: string): void {
    writeFileAtomic(this.paths.partial, text, READABLE);
  }

  publish({ raw, unfiltered, published }: UniverseFiles): void {
    writeFileAtomic(this.paths.raw, raw, READABLE);
    writeFileAtomic(this.paths.unfiltered, unfiltered, READABLE);
    writeFileAtomic(this.paths.published, published, READABLE);
  }

  finish(date: DateText): void {
    const { unfinished, snapshots, partial } = this.paths;
    this.#lines = undefined;
    const kept = this.paths.snapshot(date);
    // a crash between the two leaves the build unfinished: it ends again, with the same answers
    rmSync(kept.dir, { recursive: true, force: true });
    renameSync(unfinished.dir, kept.dir);
    syncFolder(snapshots);
    rmSync(partial, { force: true });
  }

  noteWaiting(waiting: boolean): void {
    const { waiting: path } = this.paths;
    if (!waiting) rmSync(path, { force: true });
    else {
      writeFileOnce(
        path,
        'No provider of the universe is enabled. Enter one under the secret "screener_api"; then: tradebot universe build.\n',
        READABLE,
      );
    }
  }

  /** A log that the disk refuses stops no build. */
  log(line: string): void {
    const { log, dir } = this.paths;
    try {
      makeFolders(dir, PRIVATE_FOLDER);
      const size = statSync(log, { throwIfNoEntry: false })?.size ?? 0;
      if (size > MOST_LOG_BYTES) writeFileAtomic(log, newestHalf(readFileSync(log, 'utf8')), READABLE);
      appendFileSync(log, `${toUtcText(this.clock.now())} ${line.replace(/[\r\n]+/g, ' ')}\n`);
    } catch {
      // the events of the build say the same
    }
  }

  prune(oldest: DateText): void {
    for (const date of this.dates()) {
      if (date < oldest) rmSync(this.paths.snapshot(date).dir, { recursive: true, force: true });
    }
    const kept = [...this.dates().map((date) => this.snapshot(date)), this.unfinished()];
    const used = new Set(kept.flatMap((one) => one?.lines.map(({ sha256 }) => `${sha256 ?? ''}.gz`) ?? []));
    const { answers } = this.paths;
    for (const name of namesIn(answers)) if (!used.has(name)) rmSync(`${answers}/${name}`, { force: true });
  }

  published(): string | undefined {
    return textIfThere(this.paths.published);
  }

  unfiltered(): string | undefined {
    return textIfThere(this.paths.unfiltered);
  }

  keepFundamentals(session: DateText, text: string, oldest: DateText): void {
    const { cache } = this.paths;
    writeFileAtomic(this.paths.fundamentals(session), text, READABLE);
    for (const name of namesIn(cache)) {
      const date = /^fundamentals_(\d{4}-\d{2}-\d{2})\.json$/.exec(name)?.[1];
      if (date !== undefined && date < oldest) rmSync(`${cache}/${name}`, { force: true });
    }
  }

  #textAt(sha256: Sha256Hex): string | undefined {
    try {
      const text = gunzipSync(readFileSync(this.paths.answer(sha256))).toString('utf8');
      return sha256Hex(text) === sha256 ? text : undefined;
    } catch {
      return undefined;
    }
  }
}

const lineText = (line: SnapshotLine): string => `${JSON.stringify(line)}\n`;

/** Without a last line that was being written. */
function wholeLines(text: string): string {
  return text.slice(0, text.lastIndexOf('\n') + 1);
}

function newestHalf(text: string): string {
  const half = text.slice(Math.floor(text.length / 2));
  return half.slice(half.indexOf('\n') + 1);
}

/** Undefined without a head: a build writes it last, so one without it has not begun. */
function readSnapshot(paths: SnapshotPaths): Snapshot | undefined {
  const head = textIfThere(paths.head);
  if (head === undefined) return undefined;
  try {
    const lines = wholeLines(textIfThere(paths.lines) ?? '')
      .split('\n')
      .filter((line) => line !== '');
    return {
      head: JSON.parse(head) as SnapshotHead,
      lines: lines.map((line) => JSON.parse(line) as SnapshotLine),
    };
  } catch (error) {
    if (error instanceof TradeBotError || !(error instanceof SyntaxError)) throw error;
    throw dataError({
      code: 'SNAPSHOT_DAMAGED',
      message: `the recorded build in ${paths.dir} is damaged: ${error.message}`,
      remedy: 'Delete that folder; the next build begins again.',
    });
  }
}
