import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeSync,
  type Stats,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { sideLineOf, type SideLine } from '../../app/break-glass/side-line.js';
import { sha256Hex } from '../../kernel/hash.js';

const SUFFIX = '.jsonl';
const IMPORTED = '.imported';
const { O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;

/** Where a line went: a file, or only stderr. */
export interface SideWriter {
  readonly path: string | undefined;
  write(line: SideLine): void;
  close(): void;
}

export interface SideFileOptions {
  /** Folder of the home; the system's temporary folder takes what it refuses. */
  readonly folder: string;
  readonly identity: string;
  readonly key: string;
  readonly stderr: (line: string) => void;
}

/** What one kill wrote, over all its files, in the order of time. */
export interface SideRecord {
  readonly paths: readonly string[];
  readonly lines: readonly SideLine[];
}

/** Opens the append-only side file of a kill: each line is synced before `write` returns. Never throws. */
export function openSideFile({ folder, identity, key, stderr }: SideFileOptions): SideWriter {
  const handles = foldersOf(folder, identity).map((each) => () => opened(each, `${key}${SUFFIX}`));
  let current = handles.shift()?.();
  const write = (text: string): void => {
    while (current !== undefined || handles.length > 0) {
      if (current !== undefined && appended(current.handle, text)) return;
      if (current !== undefined) closeSync(current.handle);
      current = handles.shift()?.();
    }
    stderr(text);
  };
  return {
    get path() {
      return current?.path;
    },
    write: (line) => write(`${JSON.stringify(line)}\n`),
    close: () => {
      if (current !== undefined) closeSync(current.handle);
    },
  };
}

/**
 * What was not imported, by kill: a disk that became full leaves a kill in both folders. What is no line, as the end that
 * a full disk cut off, is left out, and so is a file that is not this user's own.
 */
export function sideFiles(folder: string, identity: string): readonly SideRecord[] {
  const byKill = new Map<string, SideRecord>();
  for (const each of foldersOf(folder, identity)) {
    for (const name of namesIn(each)) {
      const path = `${each}/${name}`;
      const lines = linesOf(path);
      if (lines === undefined) continue;
      const found = byKill.get(name) ?? { paths: [], lines: [] };
      byKill.set(name, { paths: [...found.paths, path], lines: [...found.lines, ...lines] });
    }
  }
  return [...byKill.values()].map(({ paths, lines }) => ({
    paths,
    lines: [...lines].sort((one, other) => (one.at < other.at ? -1 : one.at > other.at ? 1 : 0)),
  }));
}

/** Marks a side file as imported; it stays as evidence. */
export function markImported(path: string): void {
  renameSync(path, `${path}${IMPORTED}`);
}

/** The one in the temporary folder is of this home alone: another bot of the machine may have the same identity. */
function foldersOf(folder: string, identity: string): readonly string[] {
  return [folder, `${tmpdir()}/tradebot-${identity}-${sha256Hex(folder).slice(0, 16)}`];
}

function opened(folder: string, name: string): { readonly handle: number; readonly path: string } | undefined {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (!isOwnFolder(folder)) return undefined;
    const path = `${folder}/${name}`;
    const handle = openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600);
    if (isOwnFile(fstatSync(handle))) return { handle, path };
    closeSync(handle);
  } catch {
    // the next place is tried
  }
  return undefined;
}

/** A full disk may take a part of a line: then the whole line goes to the next place. */
function appended(handle: number, text: string): boolean {
  try {
    const whole = writeSync(handle, text) === Buffer.byteLength(text);
    fsyncSync(handle);
    return whole;
  } catch {
    return false;
  }
}

/** Anybody can write into the temporary folder, and orders are made from what is read here. */
function isOwnFolder(folder: string): boolean {
  const stats = lstatSync(folder);
  return stats.isDirectory() && isOwn(stats);
}

function isOwnFile(stats: Stats): boolean {
  return stats.isFile() && isOwn(stats);
}

function isOwn({ uid, mode }: Stats): boolean {
  return uid === process.getuid?.() && (mode & 0o022) === 0;
}

function namesIn(folder: string): readonly string[] {
  try {
    if (!isOwnFolder(folder)) return [];
    return readdirSync(folder)
      .filter((name) => name.endsWith(SUFFIX))
      .sort();
  } catch {
    return [];
  }
}

/** Undefined for a file that cannot be read, or is not this user's own. */
function linesOf(path: string): readonly SideLine[] | undefined {
  let handle: number | undefined;
  try {
    handle = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    if (!isOwnFile(fstatSync(handle))) return undefined;
    return readFileSync(handle, 'utf8').split('\n').flatMap(lineOf);
  } catch {
    return undefined;
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}

function lineOf(text: string): readonly SideLine[] {
  try {
    return [sideLineOf(JSON.parse(text)) ?? []].flat();
  } catch {
    return [];
  }
}
