import { describe, expect, test } from '@jest/globals';
import { citedFailures, citedRequirements, type Citation } from './support/citation-rules.js';
import { readRepositoryFile, repositoryFiles } from './support/source.js';

const CITING = /\.(tsx?|mjs|cjs|json|md|sh|service)$/;
const SOURCES = ['docs/REQUIREMENTS.md', 'docs/FAILURES.md'];

/** Every file of the repository that may cite, with its text; frozen data and packages excepted. */
function texts(): readonly (readonly [string, string])[] {
  return repositoryFiles()
    .filter((path) => CITING.test(path) && !SOURCES.includes(path))
    .filter((path) => !path.startsWith('test/golden/') && !/^(package|tsconfig).*\.json$/.test(path))
    .map((path) => [path, readRepositoryFile(path)]);
}

function listed(path: string, item: RegExp): ReadonlySet<string> {
  return new Set([...readRepositoryFile(path).matchAll(item)].map(([, id]) => id ?? ''));
}

const unknown = (cited: readonly Citation[], known: ReadonlySet<string>): readonly Citation[] =>
  cited.filter(({ id }) => !known.has(id));

describe('citations', () => {
  test('the rules find ids and ignore other words', () => {
    expect(citedRequirements('a.ts', 'kill (P7, RUN-16, JRN-11) of SHA-256 and UTF-8').map(({ id }) => id)).toEqual([
      'P7',
      'RUN-16',
      'JRN-11',
    ]);
    expect(citedFailures('a.ts', "test('F7: a blind retry', F12-F14, 0xF3, F31x, PDF7").map(({ id }) => id)).toEqual([
      'F7',
      'F12',
      'F14',
    ]);
  });

  test('each cited requirement is in docs/REQUIREMENTS.md', () => {
    const known = listed('docs/REQUIREMENTS.md', /^- ([A-Z]{1,3}-?\d+)\b/gm);
    expect(known.size).toBeGreaterThan(150);
    expect(texts().flatMap(([path, text]) => unknown(citedRequirements(path, text), known))).toEqual([]);
  });

  test('each cited failure is in docs/FAILURES.md', () => {
    const known = listed('docs/FAILURES.md', /^- (F\d+) /gm);
    expect(known.size).toBeGreaterThan(25);
    const cited = texts()
      .filter(([path]) => /^(src|projections|test)\/.*\.ts$/.test(path))
      .flatMap(([path, text]) => citedFailures(path, text));
    expect(unknown(cited, known)).toEqual([]);
  });

  test('no file cites a text that is not in the repository', () => {
    const elsewhere = new RegExp(String.raw`\b[Ss]pec [0-9]{2}\b|\bdesign/\w+\.md`);
    expect(elsewhere.test('as in spec' + ' 30')).toBe(true);
    expect(texts().flatMap(([path, text]) => (elsewhere.test(text) ? [path] : []))).toEqual([]);
  });

  test('no id is listed twice', () => {
    for (const path of SOURCES) {
      const ids = [...readRepositoryFile(path).matchAll(/^- ([A-Z]{1,3}-?\d+)\b/gm)].map(([, id]) => id);
      expect(ids).toEqual([...new Set(ids)]);
    }
  });
});
