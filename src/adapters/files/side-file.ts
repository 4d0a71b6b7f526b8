import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import type { SideLine } from '../../app/break-glass/side-line.js';

const SUFFIX = '.jsonl';
const IMPORTED = '.imported';

/** Where a line went: a file, or only stderr. */
export interface SideWriter {
  readonly path: string | undefined;
  write(line: SideLine): void;
  close(): void;
}

export interface SideFileOptions {
  /** Folder of the home; the system's temporary folder takes what it refuses. */
  readonly folder: string;
  /** Names the file in the temporary folder, which other bots share. */
  readonly identity: string;
  readonly key: string;
  readonly stderr: (line: string) => void;
}

/** Opens the append-only side file of a kill: each line is synced before `write` returns. Never throws. */
export function openSideFile({ folder, identity, key, stderr }: SideFileOptions): SideWriter {
  const handles = [
    () => opened(folder, `${key}${SUFFIX}`),
    () => opened(`${tmpdir()}/tradebot-${identity}`, `${key}${SUFFIX}`),
  ];
  let current = handles.shift()?.();
  const write = (text: string): void => {
    while (current !== undefined || handles.length > 0) {
      if (current !== undefined && appended(current.handle, text)) return;
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

/** The lines of all side files that were not imported, by file; a last line that was cut off is left out. */
export function sideFiles(
  folder: string,
  identity: string,
): readonly { readonly path: string; readonly lines: readonly SideLine[] }[] {
  return [folder, `${tmpdir()}/tradebot-${identity}`].flatMap((each) =>
    namesIn(each)
      .filter((name) => name.endsWith(SUFFIX))
      .sort()
      .map((name) => ({ path: `${each}/${name}`, lines: linesOf(`${each}/${name}`) })),
  );
}

/** Marks a side file as imported; it stays as evidence. */
export function markImported(path: string): void {
  renameSync(path, `${path}${IMPORTED}`);
}

function opened(folder: string, name: string): { readonly handle: number; readonly path: string } | undefined {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const path = `${folder}/${name}`;
    return { handle: openSync(path, 'a', 0o600), path };
  } catch {
    return undefined;
  }
}

function appended(handle: number, text: string): boolean {
  try {
    writeSync(handle, text);
    fsyncSync(handle);
    return true;
  } catch {
    return false;
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function linesOf(path: string): readonly SideLine[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((text) => {
      try {
        return [JSON.parse(text) as SideLine];
      } catch {
        return [];
      }
    });
}
