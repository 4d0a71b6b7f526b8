import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where set-up puts the built app. */
export const BUILT = join(process.cwd(), 'dist/ui');
/** Scripts and styles that every page loads, compressed. */
export const SHELL_BYTES = 280 * 1_024;

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

/** The source that the page starts with. */
export function entryOf(manifest: Manifest): string {
  return Object.entries(manifest).find(([, { isEntry }]) => isEntry === true)?.[0] ?? '';
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
