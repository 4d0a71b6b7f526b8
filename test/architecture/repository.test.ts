import { describe, expect, test } from '@jest/globals';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { readRepositoryFile, repositoryFiles, ROOT } from './support/source.js';

interface Package {
  readonly version: string;
  readonly bin: Readonly<Record<string, string>>;
  readonly scripts: Readonly<Record<string, string>>;
}

const packageJson = JSON.parse(readRepositoryFile('package.json')) as Package;

describe('the repository is complete for a newcomer', () => {
  test('VERSION.md and package.json name the same version (RUN-37)', () => {
    expect(/^Tag: `([^`]+)`$/m.exec(readRepositoryFile('VERSION.md'))?.[1]).toBe(packageJson.version);
  });

  test('the package command is executable', () => {
    for (const path of [packageJson.bin['tradebot'] ?? '', '.ci/run']) {
      expect(statSync(join(ROOT, path)).mode & 0o111).not.toBe(0);
    }
  });

  test('every npm script and every file that README.md names exists', () => {
    const readme = readRepositoryFile('README.md');
    const scripts = [...readme.matchAll(/npm run ([a-z0-9:]+)/g)].map((match) => match[1] ?? '');
    expect(scripts.filter((name) => packageJson.scripts[name] === undefined)).toEqual([]);
    const files = [...readme.matchAll(/\]\(([^)#:]+)\)/g)].map((match) => match[1] ?? '');
    expect(files.filter((path) => statSync(join(ROOT, path), { throwIfNoEntry: false }) === undefined)).toEqual([]);
  });

  test('every folder with a role describes it in its README.md', () => {
    const files = repositoryFiles().filter((path) => path.endsWith('.ts') && !path.includes('/generated/'));
    const groups = new Set(
      files
        .map(
          (path) =>
            /^(src\/(?:adapters|domain|processes)\/[^/]+|src\/(?:kernel|app|strategies|composition)|projections\/[^/]+)\//.exec(
              path,
            )?.[1],
        )
        .filter((folder) => folder !== undefined),
    );
    const mute = [...groups].filter(
      (folder) => statSync(join(ROOT, folder, 'README.md'), { throwIfNoEntry: false }) === undefined,
    );
    expect(mute).toEqual([]);
  });
});
