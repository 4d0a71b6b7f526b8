import { readdirSync, readFileSync } from 'node:fs';
import { sha256Hex } from '../../../kernel/hash.js';

export interface PageFile {
  readonly type: string;
  readonly bytes: Buffer;
  readonly etag: string;
}

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  mjs: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
};

/** Every file of the pages, by its name from their folder, such as `assets/lib/dom.mjs`; read once: nothing else is served. */
export function readPageFiles(folder: string): ReadonlyMap<string, PageFile> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const known = names.flatMap((name) => {
    const type = TYPES[name.split('.').at(-1) ?? ''];
    return type === undefined || !name.includes('.') ? [] : [{ name: name.replaceAll('\\', '/'), type }];
  });
  return new Map(
    known.map(({ name, type }) => {
      const bytes = readFileSync(`${folder}/${name}`);
      return [name, { type, bytes, etag: `"${sha256Hex(bytes.toString('base64')).slice(0, 32)}"` }];
    }),
  );
}
