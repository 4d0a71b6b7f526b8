import { readdirSync, readFileSync } from 'node:fs';
import { fixedFile, type FixedFile } from '../common/fixed-file.js';

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  mjs: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
};

/** Every file of the pages, by its name from their folder, such as `assets/lib/dom.mjs`; read once: nothing else is served. */
export function readPageFiles(folder: string): ReadonlyMap<string, FixedFile> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const known = names.flatMap((name) => {
    const type = TYPES[name.split('.').at(-1) ?? ''];
    return type === undefined || !name.includes('.') ? [] : [{ name: name.replaceAll('\\', '/'), type }];
  });
  return new Map(known.map(({ name, type }) => [name, fixedFile(type, readFileSync(`${folder}/${name}`))]));
}
