import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findings, newOnes, packagesOf, type Advisory } from '../config/audit.cjs';
import { testNeeding, tool } from '../support/needs.js';
import { readRepositoryFile, ROOT } from './support/source.js';

interface LockEntry {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly hasInstallScript?: boolean;
  readonly dev?: boolean;
}

const lock = JSON.parse(readRepositoryFile('package-lock.json')) as {
  readonly packages: Readonly<Record<string, LockEntry>>;
};
const { allowScripts } = JSON.parse(readRepositoryFile('package.json')) as {
  readonly allowScripts: Readonly<Record<string, boolean>>;
};
const installed = Object.entries(lock.packages).filter(([path]) => path !== '');
const nameOf = (path: string): string => path.split('node_modules/').at(-1) ?? path;
const npm = tool('npm');

describe('the packages (SEC-15)', () => {
  test('each comes from a registry, never from a repository or a folder, and has the hash of its content', () => {
    // The lock file names no registry: whichever the machine uses must deliver these bytes.
    const odd = installed.filter(
      ([, { resolved, integrity = '' }]) => resolved !== undefined || !integrity.startsWith('sha512-'),
    );
    expect(odd).toEqual([]);
  });

  test('each that has an install script is named in allowScripts, as not allowed', () => {
    const withScript = installed.filter(([, entry]) => entry.hasInstallScript === true).map(([path]) => nameOf(path));
    expect(withScript.length).toBeGreaterThan(0);
    expect(withScript.filter((name) => allowScripts[name] !== false)).toEqual([]);
    expect(Object.values(allowScripts)).not.toContain(true);
  });

  describe('the npm of this machine', () => {
    let folder: string;
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'tradebot-npm-'));
      const scripts = Object.fromEntries(
        ['preinstall', 'install', 'postinstall', 'prepare'].map((name) => [name, `echo ${name} >> "${folder}/ran"`]),
      );
      mkdirSync(join(folder, 'guest'));
      writeFileSync(join(folder, 'guest/package.json'), JSON.stringify({ name: 'guest', version: '1.0.0', scripts }));
      const dependencies = { guest: 'file:guest' };
      writeFileSync(
        join(folder, 'package.json'),
        JSON.stringify({ name: 'host', version: '1.0.0', dependencies, scripts }),
      );
    });
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    const install = (): string => {
      rmSync(join(folder, 'ran'), { force: true });
      const flags = ['install', '--offline', '--no-audit', '--no-fund', '--silent'];
      expect(
        spawnSync('npm', flags, { cwd: folder, encoding: 'utf8', env: { PATH: process.env['PATH'], HOME: folder } })
          .status,
      ).toBe(0);
      return existsSync(join(folder, 'ran')) ? readFileSync(join(folder, 'ran'), 'utf8') : '';
    };

    testNeeding(npm)('runs no script of any package with our .npmrc, and runs them without it', () => {
      expect(install()).toContain('postinstall');
      copyFileSync(join(ROOT, '.npmrc'), join(folder, '.npmrc'));
      expect(install()).toBe('');
    });
  });

  testNeeding(npm)('the bill of materials lists every package and version', () => {
    const run = spawnSync('npm', ['run', '--silent', 'sbom'], { cwd: ROOT, encoding: 'utf8', maxBuffer: 50_000_000 });
    const { components } = JSON.parse(run.stdout) as { components: readonly { purl: string }[] };
    const listed = new Set(components.map(({ purl }) => decodeURIComponent(purl).replace('pkg:npm/', '')));
    expect(
      packagesOf(lock)
        .map(({ name, version }) => `${name}@${version}`)
        .filter((id) => !listed.has(id)),
    ).toEqual([]);
  });
});

describe('the audit against pinned advisories', () => {
  const { advisories } = JSON.parse(readRepositoryFile('test/config/advisories.json')) as {
    readonly advisories: readonly Advisory[];
  };
  const affected = (packages: readonly { name: string; version: string }[]): readonly string[] =>
    findings(packages, advisories)
      .filter(({ argued }) => !argued)
      .map(({ advisory, version }) => `${advisory.id} ${advisory.package}@${version}`);

  test('none affects a package of the lock file, except with an argument', () => {
    expect(affected(packagesOf(lock))).toEqual([]);
  });

  test.each([
    { name: 'qs', version: '6.15.3', ids: ['GHSA-4mjr-xmp4-gh2g', 'GHSA-x5fp-wj9c-mxmx'] },
    { name: 'qs', version: '6.16.0', ids: [] },
    { name: 'brace-expansion', version: '2.1.2', ids: ['GHSA-mh99-v99m-4gvg'] },
    { name: 'brace-expansion', version: '5.0.8', ids: ['GHSA-rgw5-rvv9-x895'] },
    { name: 'uuid', version: '9.0.0', ids: ['GHSA-w5hq-g745-h8pq'] },
  ])('$name $version: $ids', ({ name, version, ids }) => {
    expect(affected([{ name, version }])).toEqual(ids.map((id) => `${id} ${name}@${version}`));
  });

  test('each names a package of the lock file, and an argument names versions that are there', () => {
    const packages = packagesOf(lock);
    const names = new Set(packages.map(({ name }) => name));
    expect(advisories.map((advisory) => advisory.package).filter((name) => !names.has(name))).toEqual([]);
    const argued = advisories.flatMap(
      ({ package: name, argument }) => argument?.versions.map((version) => ({ name, version })) ?? [],
    );
    expect(packages).toEqual(expect.arrayContaining(argued));
  });

  test('what the registry reports beyond the file is new; an answer without advisories is no answer', () => {
    const via = {
      name: 'qs',
      title: 'published today',
      url: 'https://advisories.example/GHSA-aaaa-bbbb-cccc',
      range: '<7.0.0',
    };
    const known = { ...via, url: `https://advisories.example/${advisories[0]?.id ?? ''}` };
    const answer = { vulnerabilities: { qs: { via: [via, known] }, express: { via: ['qs', via] } } };
    expect(newOnes(JSON.stringify(answer), advisories)?.map(({ id }) => id)).toEqual(['GHSA-aaaa-bbbb-cccc']);
    expect(newOnes('{"message":"405"}', advisories)).toBeUndefined();
    expect(newOnes('', advisories)).toBeUndefined();
  });
});
