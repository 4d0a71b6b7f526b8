/** @jest-environment ./test/config/sources-environment.mjs */
import { describe, expect, test } from '@jest/globals';
import { circles, deadExports, unusedFiles } from './support/graph-rules.js';
import { parseSource, sourcesUnder, type Source } from './support/source.js';

/** Programs that are started by their path. */
const STARTED: readonly string[] = [
  'src/processes/cli/check-proof-standalone.mjs',
  'src/processes/cli/main.ts',
  'src/processes/cli/setup.mjs',
  'src/processes/cli/tradebot.mjs',
  'src/processes/engine/engine-process.ts',
  'src/processes/main/main-process.ts',
  'src/processes/projector/projector-process.ts',
  'src/processes/web/web-process.ts',
  'src/processes/worker/worker-process.ts',
  'src/ui/main.ts',
  'src/ui/vite.config.mjs',
];

/** Indicators that TRD-3 promises to strategies; the three strategies of today do without them. */
const OFFERED: readonly string[] = [
  'src/domain/market/indicators/ema.ts',
  'src/domain/market/indicators/opening-range.ts',
  'src/domain/market/indicators/sma.ts',
];

/** Exports with a reader that is not an import. */
const READ_OTHERWISE: readonly string[] = [
  // The launcher loads the built program.
  'src/processes/cli/main.ts main',
  // The bundler loads its settings.
  'src/ui/vite.config.mjs default',
  // The gate's test asks whether each of its limits has a case.
  'src/domain/risk/gate.ts GATE_LIMITS',
];

const sources = (generated: boolean): readonly Source[] => sourcesUnder(['src', 'projections'], generated);
const files = (texts: Readonly<Record<string, string>>): readonly Source[] =>
  Object.entries(texts).map(([path, text]) => parseSource(path, text));

describe('no circular imports', () => {
  test('the rule finds a cycle of values and accepts a cycle of types', () => {
    const b = "import { a } from './a.js'; export const b = a;";
    expect(circles(files({ 'src/a.ts': "import { b } from './b.js'; export const a = b;", 'src/b.ts': b }))).toEqual([
      'src/a -> src/b -> src/a',
    ]);
    expect(
      circles(files({ 'src/a.ts': "import type { b } from './b.js'; export const a = 1;", 'src/b.ts': b })),
    ).toEqual([]);
  });

  test('the sources have no cycle', () => {
    expect(circles(sources(true))).toEqual([]);
  });
});

describe('no unused exports', () => {
  const dead = (a: string, other: string, tests = ''): readonly string[] =>
    deadExports(files({ 'src/a.ts': a, 'src/b.ts': other }), files({ 'test/a.test.ts': tests })).map(
      ({ text }) => text,
    );

  test('an export needs a reader in another source', () => {
    expect(dead('export const a = 1;', "import { a } from './a.js';")).toEqual([]);
    expect(dead('export const a = 1;', "import * as all from './a.js';")).toEqual([]);
    expect(dead('export const a = 1;', "import { c } from './a.js';")).toEqual(['a']);
    expect(dead('export const a = 1; f(a);', '')).toEqual(['a']);
  });

  test('a test is not a reader', () => {
    const reading = "import { a } from '../src/a.js';";
    expect(dead('export const a = 1;', '', reading)).toEqual(['a']);
    expect(dead('export const a = 1; f(a);', '', reading)).toEqual([]);
  });

  test('a type used by an exported declaration counts as used', () => {
    expect(dead('export interface A { x: 1 }', '')).toEqual(['A']);
    expect(dead('interface A { x: 1 } export function f(a: A) {}', "import { f } from './a.js';")).toEqual([]);
    expect(dead('export interface A { x: 1 } export function f(a: A) {}', "import { f } from './a.js';")).toEqual([]);
  });

  test('every export has a reader', () => {
    const generated = new Set(sources(false).map(({ path }) => path));
    const found = deadExports(sources(true), sourcesUnder(['test'], true))
      .filter(({ path }) => generated.has(path) && !OFFERED.includes(path))
      .map(({ path, text }) => `${path} ${text}`);
    expect(found.filter((text) => !READ_OTHERWISE.includes(text))).toEqual([]);
    expect(READ_OTHERWISE.filter((text) => !found.includes(text))).toEqual([]);
  });

  test('every file is imported or is an entry point', () => {
    const unused = unusedFiles(sources(true));
    expect(unused.filter((path) => ![...STARTED, ...OFFERED].includes(path))).toEqual([]);
    expect(OFFERED.filter((path) => !unused.includes(path))).toEqual([]);
  });
});
