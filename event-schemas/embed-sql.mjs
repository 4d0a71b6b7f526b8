/**
 * Schemas are SQL files next to their code (SEC-10); a module next to each (`users.sql`: `users-sql.ts`) carries the text, so that the built program
 * needs no file and a pure folder none either. `node event-schemas/embed-sql.mjs` writes the modules, `--check` names
 * those that differ and ends with 1.
 */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');

function schemas() {
  return ['src', 'projections'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.sql'))
      .map((entry) => join(entry.parentPath, entry.name)),
  );
}

function moduleOf(path) {
  const name = path.slice(path.lastIndexOf('/') + 1, -'.sql'.length);
  const constant = `${name.replaceAll('-', '_').toUpperCase()}_SQL`;
  const text = readFileSync(path, 'utf8').replaceAll('\\', '\\\\').replaceAll('`', '\\`').replaceAll('${', '\\${');
  return `/** Made of ${name}.sql by event-schemas/embed-sql.mjs. */\nexport const ${constant} = \`${text}\`;\n`;
}

function target(path) {
  return path.replace(/\.sql$/, '-sql.ts');
}

function current(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

const stale = schemas().filter((path) => current(target(path)) !== moduleOf(path));
if (process.argv.includes('--check')) {
  for (const path of stale) process.stderr.write(`${relative(ROOT, target(path))} is not what its SQL file says\n`);
  process.exitCode = stale.length > 0 ? 1 : 0;
} else {
  for (const path of stale) writeFileSync(target(path), moduleOf(path));
}
