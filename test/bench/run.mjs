/**
 * `npm run bench -- <name> ...`: runs test/bench/<name>.bench.ts and prints what, ours, yardstick, ratio, goal. Without a
 * name it says which there are. `--json` prints the rows as JSON.
 */
import { readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import '../unit/support/typescript-loader.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));
const known = readdirSync(HERE)
  .filter((file) => file.endsWith('.bench.ts'))
  .map((file) => file.slice(0, -'.bench.ts'.length));
const given = process.argv.slice(2);
const json = given.includes('--json');
const names = given.filter((name) => !name.startsWith('--'));
const unknown = names.filter((name) => !known.includes(name));

function print(rows) {
  const cells = [
    ['what', 'ours', 'yardstick', 'ratio', 'goal'],
    ...rows.map((row) => [
      row.what,
      figure(row.ours),
      figure(row.yardstick),
      row.ratio === undefined ? '' : row.ratio.toFixed(row.ratio < 0.095 ? 4 : 2),
      String(row.goal),
    ]),
  ];
  const widths = cells[0].map((_, column) => Math.max(...cells.map((row) => row[column].length)));
  for (const row of cells) {
    console.log(
      row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))).join('  '),
    );
  }
}

function figure(value) {
  return typeof value === 'number' ? Math.round(value).toLocaleString('en-US') : String(value ?? '');
}

if (names.length === 0 || unknown.length > 0) {
  console.error(`Name one or more of: ${known.join(', ')}${unknown.length > 0 ? ` (not ${unknown.join(', ')})` : ''}`);
  process.exitCode = 1;
} else {
  const all = [];
  for (const name of names) {
    const { run } = await import(`./${name}.bench.ts`);
    const rows = await run();
    all.push(...rows);
    if (!json) print(rows);
  }
  if (json) console.log(JSON.stringify(all));
}
