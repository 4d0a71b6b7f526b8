/** @jest-environment ./test/config/sources-environment.mjs */
import { describe, expect, test } from '@jest/globals';
import { emptyTables, unrunTests } from './support/test-rules.js';
import { anyTypes, dialectWords, leftOvers, machinePlaces, sizeFindings } from './support/tidy-rules.js';
import {
  parseSource,
  readRepositoryFile,
  repositoryFiles,
  sourcesUnder,
  type Finding,
  type Source,
} from './support/source.js';

const texts = (rule: (source: Source) => readonly Finding[], text: string): readonly string[] =>
  rule(parseSource('src/app/a.ts', text)).map((item) => item.text);
const everything = (): readonly Source[] => sourcesUnder(['src', 'projections', 'event-schemas', 'test']);

describe('size limits', () => {
  test('the rule finds long functions, long files and wide constructors', () => {
    const long = (lines: number): string => `function f() {\n${'f();\n'.repeat(lines - 2)}}\n`;
    expect(texts(sizeFindings, long(70))).toEqual([]);
    expect(texts(sizeFindings, long(71))).toEqual(['function of 71 lines']);
    expect(texts(sizeFindings, 'f();\n'.repeat(401))).toEqual(['401 lines']);
    const wide = 'class A { constructor(a: 1, b: 2, c: 3, d: 4, e: 5, f: 6) {} }';
    expect(texts(sizeFindings, wide)).toEqual(['constructor with 6 parameters']);
  });

  test('all sources are within the limits', () => {
    expect(sourcesUnder(['src', 'projections']).flatMap(sizeFindings)).toEqual([]);
  });

  test('all test files are within the limits', () => {
    const long = sourcesUnder(['test']).filter((source) => source.lines.length - 1 > 400);
    expect(long.map((source) => source.path)).toEqual([]);
  });
});

describe('no leftovers', () => {
  test.each([
    [leftOvers, '// TO' + 'DO: later'],
    [leftOvers, '// @ts-' + 'ignore'],
    [leftOvers, '// const x = 1;'],
    [anyTypes, 'let x: any;'],
    [unrunTests, 'test.on' + "ly('x', f);"],
    [unrunTests, 'describe.each([1]).sk' + "ip('x', f);"],
    [unrunTests, 'xit("x", f);'],
    [emptyTables, 'test.each([])("x", f);'],
    [emptyTables, 'describe.each(here ? [1] : [])("x", f);'],
    [emptyTables, 'const rows = exists ? [] : [1]; test.each(rows.map(row))("x", f);'],
  ])('%p finds %s', (rule, text) => {
    expect(texts(rule, text)).toHaveLength(1);
  });

  test('ordinary words and calls are accepted', () => {
    const plain =
      '// if it is empty, return\nconst company = list.skip(1); // any order\ntest.each([[1, []]])("x", f);';
    expect([leftOvers, anyTypes, unrunTests, emptyTables].flatMap((rule) => texts(rule, plain))).toEqual([]);
  });

  test('no source and no test has leftovers', () => {
    expect(everything().flatMap((source) => [...leftOvers(source), ...anyTypes(source)])).toEqual([]);
    expect(sourcesUnder(['test']).flatMap((source) => [...unrunTests(source), ...emptyTables(source)])).toEqual([]);
  });
});

/** Quotes of the specification and of failures elsewhere, in their own words. */
const QUOTED = ['test/golden/', 'docs/REQUIREMENTS.md', 'docs/FAILURES.md'];

describe('texts are plain trade English', () => {
  test.each([
    'the file is made an' + 'ew',
    'Me' + 'nd it, then start.',
    'an answer that goes ' + 'on',
    'To' + 'ld once.',
    "test('a wait ends so " + "that the next begins', f);",
  ])('the rule finds "%s"', (text) => {
    expect(dialectWords('a', text)).toHaveLength(1);
  });

  test('ordinary words pass', () => {
    expect(dialectWords('a', 'the vendor amends a besides-order; a mandolin, an intellect, a threshold')).toEqual([]);
  });

  test('no file has words of the list', () => {
    const found = repositoryFiles()
      .filter((path) => /\.(tsx?|css|mjs|cjs|json|md|sql|sh|service|html)$/.test(path))
      .filter((path) => !QUOTED.some((quoted) => path.startsWith(quoted)))
      .flatMap((path) => dialectWords(path, readRepositoryFile(path)));
    expect(found).toEqual([]);
  });
});

describe('the repository names no machine', () => {
  test('the rule finds paths and hosts', () => {
    expect(machinePlaces('a', ['', 'ro' + 'ot', 'x'].join('/'))).toHaveLength(1);
    expect(machinePlaces('a', 'see ~/.config and src/home/x, a/work-list')).toEqual([]);
  });

  test('no file names a machine', () => {
    const found = repositoryFiles()
      .filter((path) => /\.(tsx?|css|mjs|json|md|sh|service|yml)$/.test(path) || path === '.ci/run')
      .flatMap((path) => machinePlaces(path, readRepositoryFile(path)));
    expect(found).toEqual([]);
  });

  test('the lock file records no download addresses', () => {
    expect(readRepositoryFile('package-lock.json')).not.toMatch(/"resolved": *"http/);
  });
});
