import { describe, expect, test } from '@jest/globals';
import { moduleText, tried } from './support.js';

const firstFault = (text: string, file?: string): string => {
  const made = tried(text, file);
  if ('js' in made) return 'accepted';
  const [{ line = 0, code = '', cause = '' } = {}] = made.faults;
  return `${line} ${code} ${cause}`;
};

describe('the module of an own strategy', () => {
  test('TypeScript and JavaScript are accepted', () => {
    expect(firstFault(moduleText())).toBe('accepted');
    const plain = moduleText()
      .replace(/^import.*\n/, '')
      .replace(': Strategy', '');
    expect(firstFault(plain, 'strategies/mine/mine.js')).toBe('accepted');
  });

  test.each([
    ['a syntax error', moduleText({ analyze: '(symbol => {' }), /^6 STRATEGY_SYNTAX .*expected/],
    ['a wrong type', moduleText({ analyze: `() => ({ fitness: 'high' })` }), /^6 STRATEGY_TYPES Type 'string'/],
    ['an unknown function', moduleText({ signals: '() => 1' }), /^8 STRATEGY_TYPES .*'signals' does not exist/],
    ['no default export', 'export const strategy = 1;\n', /^1 STRATEGY_TYPES the default export is no Strategy/],
    ['an import of a package', `import 'node:fs';\n${moduleText()}`, /^1 STRATEGY_IMPORT it imports node:fs/],
    ['a late import', moduleText({ analyze: `() => import('node:fs')` }), /^6 STRATEGY_IMPORT/],
    ['a wait', moduleText({ signal: `async () => ({ code: 'X' })` }), /^7 STRATEGY_WAITS/],
    ['chance', moduleText({ analyze: '() => ({ fitness: Math.random() })' }), /^6 STRATEGY_CHANCE/],
    ['hidden chance', moduleText({ analyze: `() => ({ fitness: Math['random']() })` }), /^6 STRATEGY_CHANCE/],
    ['the clock', moduleText({ analyze: '() => ({ fitness: Date.now() })' }), /^6 STRATEGY_REACH it uses Date/],
    ['the machine', moduleText({ description: 'String(process.pid)' }), /^3 STRATEGY_REACH it uses process/],
    [
      'an error when it is loaded',
      `const gone = undefined as unknown as { a: number };\ngone.a;\n${moduleText()}`,
      /^2 STRATEGY_THREW it failed when it was loaded/,
    ],
    [
      'a loop when it is loaded',
      `for (;;) {}\n${moduleText()}`,
      /^1 STRATEGY_TIMEOUT it failed when it was loaded: it did not answer/,
    ],
    [
      'a window that is none',
      moduleText({ window: `{ start: '10:00@EST', analysisMinutes: 5, entryMinutes: 5, monitoringMinutes: 5 }` }),
      /^1 STRATEGY_SHAPE window.start is "10:00@EST"/,
    ],
    [
      'a default out of range',
      moduleText({ settings: `{ A: { kind: 'number', default: 3, min: 0, max: 1, label: 'a', help: 'b' } }` }),
      /^1 STRATEGY_SHAPE settings.A.default is 3/,
    ],
    [
      'a setting that all have',
      moduleText({ settings: `{ TRAIL_PCT: { kind: 'flag', default: true, label: 'a', help: 'b' } }` }),
      /^1 STRATEGY_SHAPE its setting TRAIL_PCT/,
    ],
  ])('%s is refused with its line', (_what, text, expected) => {
    expect(firstFault(text)).toMatch(expected);
  });

  test('properties and figures may have the names of what it cannot use', () => {
    expect(firstFault(moduleText({ signal: `() => ({ code: 'DATE', figures: { Date: 'eval', process: 1 } })` }))).toBe(
      'accepted',
    );
  });
});
