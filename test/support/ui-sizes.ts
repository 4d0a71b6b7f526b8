import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where set-up puts the built app. */
export const BUILT = join(process.cwd(), 'dist/ui');
/** Scripts and styles that every page loads, compressed. */
export const SHELL_BYTES = 280 * 1_024;

/** What each page needs besides the entry, which loads it after the first paint. */
const SHELL_PARTS = ['app/start.tsx', 'app/inside.tsx'];

interface Chunk {
  readonly file: string;
  readonly isEntry?: boolean;
  readonly imports?: readonly string[];
  readonly dynamicImports?: readonly string[];
  readonly css?: readonly string[];
}

/** Vite's list of what it built, by source. */
export type Manifest = Readonly<Record<string, Chunk>>;

export const builtManifest = (): Manifest => JSON.parse(readFileSync(join(BUILT, 'manifest.json'), 'utf8')) as Manifest;

/** What every page loads: the entry, the app before the log-in, and the frame. Throws when a part has another name now. */
export function shellOf(manifest: Manifest): ReadonlySet<string> {
  const [entry = ''] = Object.entries(manifest).find(([, { isEntry }]) => isEntry === true) ?? [];
  return new Set(
    [entry, ...SHELL_PARTS].flatMap((part) => {
      if (manifest[part] === undefined) throw new Error(`the build has no ${part}`);
      return [...filesOf(manifest, part)];
    }),
  );
}

/** A source that is loaded when it is needed: a page, or a part of one. */
interface LazyPart {
  readonly source: string;
  /** What a browser has by then: the shell, and what asks for it. */
  readonly have: ReadonlySet<string>;
}

/** Everything beyond the shell, once for each chunk that asks for it. */
export function lazyParts(manifest: Manifest): readonly LazyPart[] {
  const shell = shellOf(manifest);
  return Object.entries(manifest).flatMap(([asking, { dynamicImports = [] }]) => {
    const have = new Set([...shell, ...filesOf(manifest, asking)]);
    return dynamicImports.filter((source) => !SHELL_PARTS.includes(source)).map((source) => ({ source, have }));
  });
}

/** What a browser loads for a chunk, without what it has already. */
export function filesOf(manifest: Manifest, key: string, have: ReadonlySet<string> = new Set()): ReadonlySet<string> {
  const found = new Set<string>();
  const walk = (name: string): void => {
    const chunk = manifest[name];
    if (chunk === undefined || found.has(chunk.file)) return;
    for (const file of [chunk.file, ...(chunk.css ?? [])]) found.add(file);
    for (const next of chunk.imports ?? []) walk(next);
  };
  walk(key);
  return new Set([...found].filter((file) => !have.has(file)));
}

/** Compressed, in bytes. */
export const gzipSize = (file: string): number => readFileSync(join(BUILT, `${file}.gz`)).length;
