import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const PROGRAM = join(process.cwd(), 'dist/program');
/** Native packages, and those that look for files of their own. */
const STAYS = /^(better-sqlite3|bcrypt|typescript|@eventstore\/db-client)(\/|$)/;
const IMPORT = /^(?:import|export)\b[^'"\n]*["']([^"'\n$]+)["'];$/gm;

test('what set-up builds is one program: only packages that cannot be joined to it are outside', () => {
  const files = readdirSync(PROGRAM).filter((name) => name.endsWith('.js'));
  expect(files).toEqual(
    expect.arrayContaining([
      'main.js',
      'engine-process.js',
      'projector-process.js',
      'web-process.js',
      'worker-process.js',
    ]),
  );
  const imported = files.flatMap((file) =>
    [...readFileSync(join(PROGRAM, file), 'utf8').matchAll(IMPORT)].map(([, name]) => name ?? ''),
  );
  expect(imported).toContain('node:fs');
  const unknown = imported.filter(
    (name) => !name.startsWith('node:') && !builtinModules.includes(name) && !STAYS.test(name),
  );
  expect(unknown.filter((name) => !files.includes(name.slice(2)))).toEqual([]);
});
