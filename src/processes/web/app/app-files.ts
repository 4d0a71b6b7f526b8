import { readdirSync, readFileSync } from 'node:fs';
import { systemErrorCode } from '../../../adapters/files/system-error.js';
import { fixedFile, type FixedFile } from '../common/fixed-file.js';

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
  woff2: 'font/woff2',
};

/** A file of the app, plain and compressed. */
export interface AppFile {
  readonly plain: FixedFile;
  /** Undefined for what is compressed in itself. */
  readonly gzip: FixedFile | undefined;
}

/**
 * Every file of the built app, by its name from `folder`, such as `assets/index-1a2b.js`; read once: nothing else is served.
 * Undefined when there is no app: its build failed, or has not run.
 */
export function readAppFiles(folder: string): ReadonlyMap<string, AppFile> | undefined {
  try {
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => name.replaceAll('\\', '/'));
    const files = new Map(names.flatMap((name) => fileOf(folder, name, names)));
    return files.has('index.html') ? files : undefined;
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
    return undefined;
  }
}

function fileOf(folder: string, name: string, names: readonly string[]): readonly (readonly [string, AppFile])[] {
  const type = TYPES[name.split('.').at(-1) ?? ''];
  if (type === undefined || !name.includes('.')) return [];
  const read = (path: string): FixedFile => fixedFile(type, readFileSync(`${folder}/${path}`));
  const gzip = names.includes(`${name}.gz`) ? read(`${name}.gz`) : undefined;
  return [[name, { plain: read(name), gzip }]];
}
