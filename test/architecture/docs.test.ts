import { describe, expect, test } from '@jest/globals';
import {
  decisionDates,
  indexedDates,
  staleFileNames,
  staleLinks,
  staleNames,
  stalePaths,
  type Doc,
} from './support/doc-rules.js';
import { readRepositoryFile, repositoryFiles } from './support/source.js';

const files = repositoryFiles();
const known = new Set(files.flatMap((file) => [file, ...foldersOf(file)]));
const exists = (path: string): boolean => known.has(path);
const textOf = (path: string): string | undefined => (files.includes(path) ? readRepositoryFile(path) : undefined);

/** What people read to find their way; VERSION.md describes the past and may name removed files. */
const docs: readonly Doc[] = files
  .filter((path) => /^(?:README|CONTRIBUTING)\.md$|^docs\/.*\.md$|\/README\.md$/.test(path))
  .map((path) => ({ path, lines: readRepositoryFile(path).split('\n') }));

function foldersOf(file: string): readonly string[] {
  const parts = file.split('/');
  return parts.slice(0, -1).map((_part, index) => parts.slice(0, index + 1).join('/'));
}

const doc = (...lines: readonly string[]): Doc => ({ path: 'docs/guide/A.md', lines });
const texts = (findings: readonly { readonly text: string }[]): readonly string[] => findings.map(({ text }) => text);

describe('documents', () => {
  test('the rules find what is gone, and take no other words for a path', () => {
    const there = (path: string): boolean => ['src/a', 'src/a/b.ts', 'docs/B.md'].includes(path);
    const paths = doc(
      '`src/a/b.ts` `src/a/c.ts`',
      '`src/a/` `src/a/<x>.ts` `src/b/*.ts` `srcs/no`',
      'src/not/in/ticks',
    );
    expect(texts(stalePaths(paths, there))).toEqual(['src/a/c.ts', 'src/b/*.ts']);
    expect(texts(staleFileNames(doc('b.ts, a/b.ts and c.ts; `<Type>.v2.ts`, *.ts'), ['src/a/b.ts']))).toEqual(['c.ts']);
    expect(texts(staleLinks(doc('[B](../B.md#top) [C](C.md) [web](https://a.b/c)'), there))).toEqual(['C.md']);
    const named = doc('1. `src/a/b.ts` (`Engine.settle`, `gone`): x', '`src/none.ts` (`any`)');
    const text = (path: string): string | undefined => (path === 'src/a/b.ts' ? 'class Engine { settle' : undefined);
    expect(texts(staleNames(named, text))).toEqual(['src/a/b.ts: gone']);
  });

  test('each path of the repository that a document names exists', () => {
    expect(docs.length).toBeGreaterThan(80);
    expect(docs.flatMap((each) => stalePaths(each, exists))).toEqual([]);
  });

  test('each source file that a document names exists', () => {
    expect(docs.flatMap((each) => staleFileNames(each, files))).toEqual([]);
  });

  test('each link between documents leads somewhere', () => {
    expect(docs.flatMap((each) => staleLinks(each, exists))).toEqual([]);
  });

  test('each class and function that a document names with its file is there', () => {
    expect(docs.flatMap((each) => staleNames(each, textOf))).toEqual([]);
  });

  test('no text of the program sends a person to npm to start the bot: what ends npm would end the bot', () => {
    const texts = repositoryFiles().filter((path) => /^src\/.*\.(tsx?|mjs|cjs)$/.test(path));
    expect(texts.length).toBeGreaterThan(500);
    expect(texts.filter((path) => readRepositoryFile(path).includes('npm start'))).toEqual([]);
  });

  test('each decision of a room has its line and its date in the index', () => {
    const index = docs.find(({ path }) => path === 'docs/decisions/README.md') ?? doc();
    const indexed = indexedDates(index);
    const decided = new Map(
      docs.filter(({ path }) => !path.startsWith('docs/')).map((each) => [each.path, decisionDates(each)] as const),
    );
    const paths = [...new Set([...indexed.keys(), ...decided.keys()])];
    const datesIn = (dates: ReadonlyMap<string, readonly string[]>, path: string): string =>
      (dates.get(path) ?? []).join(' ');
    const differing = paths.filter((path) => datesIn(indexed, path) !== datesIn(decided, path));
    // a new decision of a room needs a line with its date in docs/decisions/README.md
    expect(differing).toEqual([]);
  });
});
