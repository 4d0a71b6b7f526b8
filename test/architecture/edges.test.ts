/** @jest-environment ./test/config/sources-environment.mjs */
import { describe, expect, test } from '@jest/globals';
import { fileWriters, hiddenInputs, pathBuilders, treeNames } from './support/edge-rules.js';
import { parseSource, sourcesUnder, type Finding, type Source } from './support/source.js';

const texts = (rule: (source: Source) => readonly Finding[], text: string, path = 'src/app/a.ts'): readonly string[] =>
  rule(parseSource(path, text)).map((item) => item.text);
const ours = (): readonly Source[] => sourcesUnder(['src', 'projections']);

describe('hidden inputs are confined to one module each', () => {
  test('the rule finds hidden inputs and knows where each is allowed', () => {
    const all = 'const a = [Date.now(), new Date(), Math.random(), process.env.X];';
    expect(texts(hiddenInputs, all)).toEqual(['Date.now', 'new Date()', 'Math.random', 'process.env']);
    expect(texts(hiddenInputs, 'Date.now(); new Date(5);', 'src/adapters/clock/system-clock.ts')).toEqual([]);
  });

  test('all sources obey the rule', () => {
    expect(ours().flatMap(hiddenInputs)).toEqual([]);
  });
});

describe('one room defines the paths of a home (RUN-6)', () => {
  test.each([
    'const p = `${home}/storage/x`;',
    "const p = 'output/logs';",
    "const p = 'status.json';",
    'const p = `${b}_BOT_x`;',
  ])('the rule finds %s', (text) => {
    expect(texts(treeNames, text)).toHaveLength(1);
  });

  test('words and module names are not paths', () => {
    expect(texts(treeNames, "import '../output/logs/x.js'; const kind = 'market'; const t = 'the output is';")).toEqual(
      [],
    );
  });

  test('no other module names a path of the home', () => {
    // the browser app has addresses of pages, and no home
    const others = ours().filter(
      ({ path }) => !path.startsWith('src/ui/') && !/^src\/domain\/home\/(home|universe)-paths\.ts$/.test(path),
    );
    expect(others.flatMap(treeNames)).toEqual([]);
  });

  test('paths are joined only where external files are read', () => {
    expect(pathBuilders(parseSource('a.ts', "import { join } from 'node:path';"))).toBe(true);
    expect(pathBuilders(parseSource('a.ts', "import { dirname } from 'node:path';"))).toBe(false);
    expect(
      ours()
        .filter(pathBuilders)
        .map((source) => source.path),
    ).toEqual([
      // Backups in a folder named by the user, and the journal replaced by a restore.
      'src/adapters/backup/back-up.ts',
      'src/adapters/backup/market-recordings.ts',
      'src/adapters/backup/move-note.ts',
      'src/adapters/backup/prune.ts',
      'src/adapters/backup/restore.ts',
      // The temporary file next to the replaced one.
      'src/adapters/files/atomic-write.ts',
      // The --home given by the user.
      'src/adapters/home/home.ts',
      // The journal, seals and exports that day --fresh sets aside.
      'src/adapters/home/set-aside.ts',
      // Shadow files next to the live ones, by the paths that the projections declare.
      'src/adapters/projection-targets/file-targets.ts',
      // The project itself: package.json, sources, dist.
      'src/processes/cli/main.ts',
      // Files named by the user.
      'src/processes/cli/paths.ts',
      // What set-up builds.
      'src/processes/cli/setup-bundle.mjs',
      'src/processes/cli/setup-ui.mjs',
      'src/processes/cli/setup.mjs',
    ]);
  });
});

describe('who can write files (JRN-23)', () => {
  test('the rule recognises code that writes files', () => {
    expect(fileWriters(parseSource('a.ts', "import { writeFileSync } from 'node:fs';"))).toBe(true);
    expect(fileWriters(parseSource('a.ts', "import * as fs from 'fs';"))).toBe(true);
    expect(fileWriters(parseSource('a.ts', "import { readFileSync } from 'node:fs';"))).toBe(false);
  });

  test('only the adapters and the setup of the clone write files', () => {
    const folders = new Set(
      ours()
        .filter(fileWriters)
        .map(({ path }) => path.split('/').slice(0, 3).join('/')),
    );
    expect([...folders].sort()).toEqual([
      'src/adapters/backup',
      'src/adapters/files',
      'src/adapters/flags',
      'src/adapters/home',
      'src/adapters/journal-sqlite',
      // The socket of main, which has no content.
      'src/adapters/local-socket',
      'src/adapters/projection-targets',
      'src/adapters/provisioning',
      // Evidence, appended without waiting.
      'src/adapters/raw-frames',
      'src/adapters/seal-anchor',
      'src/adapters/snapshots',
      'src/adapters/telemetry',
      // The universe and its recorded answers: a source, like the recordings of the market.
      'src/adapters/universe-files',
      // The one store of state that is not a projection (SEC-10).
      'src/adapters/users',
      'src/adapters/vault',
      'src/processes/cli',
    ]);
  });
});
