import { describe, expect, test } from '@jest/globals';
import { globSync, readFileSync } from 'node:fs';

/** Words of the interface; a page shows `detail` and `remedy` to people. */
const OF_THE_INTERFACE =
  /\b(GET|POST|PUT|PATCH|DELETE) \/|If-Match|Retry-After|X-[A-Z]|\bETag\b|\bJSON\b|Content-Type|\/api\/|Idempotency-Key/;
/** A text of a problem in the source: a member, or an argument of `conflict` and `notFound`. */
const TEXTS = /\b(?:detail|remedy):\s*(?:'((?:[^'\\]|\\.)*)'|`([^`]*)`)|\b(?:conflict|notFound)\(([^;]*?)\)[;,]?$/gms;
const LITERALS = /'((?:[^'\\]|\\.)*)'|`([^`]*)`/g;
/** What is said to scripts. */
const FOR_SCRIPTS = /\{\s*script: [^}]*\}/g;

/** The texts of problems in a file that people see. */
function textsOf(source: string): readonly string[] {
  return [...source.matchAll(TEXTS)].flatMap(([, plain, template, args]) => {
    if (args === undefined) return [plain ?? template ?? ''];
    return [...args.replaceAll(FOR_SCRIPTS, '').matchAll(LITERALS)].map(([, one, two]) => one ?? two ?? '');
  });
}

describe('the texts of problems (P: text for people, not for APIs)', () => {
  const files = globSync('src/processes/web/**/*.ts');

  test('no detail and no remedy has words of the interface', () => {
    expect(files.length).toBeGreaterThan(50);
    const all = files.flatMap((file) => textsOf(readFileSync(file, 'utf8')).map((text) => `${file}: ${text}`));
    expect(all.length).toBeGreaterThan(60);
    expect(all.filter((text) => OF_THE_INTERFACE.test(text))).toEqual([]);
  });

  test('the search finds the texts that it is about', () => {
    const source = `x = { detail: 'a', remedy: 'Send JSON.' };\nthrow notFound('log', 'Choose.', { script: 'GET /api/logs' });\n`;
    expect(textsOf(source)).toEqual(['a', 'Send JSON.', 'log', 'Choose.']);
  });
});
