import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ROOT } from '../cli/support.js';
import { removeTemporaryHomes, temporaryHome } from '../support/home.js';
import { copyTree } from '../../support/copy-tree.js';

let tree: string;

const generate = (): void => {
  execFileSync(process.execPath, ['event-schemas/generate.mjs'], { cwd: tree, stdio: 'pipe' });
};
const generated = (name: string): string => readFileSync(join(tree, 'src/events/generated', name), 'utf8');

/** A copy of what the generator reads, with one more version of one type. */
beforeAll(() => {
  tree = temporaryHome();
  copyTree(join(ROOT, 'event-schemas'), join(tree, 'event-schemas'));
  symlinkSync(join(ROOT, 'node_modules'), join(tree, 'node_modules'));
  mkdirSync(join(tree, 'test/config'), { recursive: true });
  cpSync(join(ROOT, 'test/config/prettier.json'), join(tree, 'test/config/prettier.json'));
  const first = join(tree, 'event-schemas/risk/KillSwitchReset.v1.json');
  const second = readFileSync(first, 'utf8').replaceAll('"reason"', '"why"').replace('.v1.json', '.v2.json');
  writeFileSync(first.replace('.v1.', '.v2.'), second);
});
afterAll(removeTemporaryHomes);

describe('a second version of an event (JRN-12)', () => {
  test('it is written and typed, and the first stays known', () => {
    generate();
    expect(generated('catalog.ts')).toMatch(/KillSwitchReset: 2,/);
    expect(generated('catalog.ts').match(/'KillSwitchReset'/g)).toHaveLength(1);
    expect(generated('schemas.ts')).toContain("'KillSwitchReset.v1': {");
    expect(generated('schemas.ts')).toContain("'KillSwitchReset.v2': {");
    expect(generated('types.ts').match(/interface KillSwitchReset \{/g)).toHaveLength(1);
    expect(generated('canonical.ts')).toContain('KillSwitchReset: (d) => JSON.stringify({ why: d.why })');
  });

  test('it is refused without the first', () => {
    rmSync(join(tree, 'event-schemas/risk/KillSwitchReset.v1.json'));
    expect(generate).toThrow(/KillSwitchReset\.v2\.json is there, but version 1 is not/);
  });
});
