import { expect, test } from '@jest/globals';
import { Sandbox } from '../../../src/adapters/own-strategies/sandbox.js';

const FILE = 'strategies/mine/mine.ts';
const ask = (): string => '[1,2]';

/** A module whose `signal` runs `body`; `before` stands outside the strategy. */
function sandbox(body: string, before = ''): Sandbox {
  const js = `"use strict";${before}\nexports.default = { signal(symbol, context) {${body}} };`;
  return new Sandbox({ file: FILE, js, map: '{"version":3,"sources":["mine.ts"],"names":[],"mappings":""}' });
}

const signal = (body: string, before = ''): unknown => {
  const request = { context: { minute: 5, settings: { A: 1, B: true, C: 'x' } }, symbol: { symbol: 'SPY', price: 10 } };
  return sandbox(body, before).call('signal', request, ask);
};
const answer = (expression: string): unknown => signal(`return { seen: ${expression} };`);

test('the module sees the symbol, the context and its settings', () => {
  expect(
    answer(
      '[symbol.price, context.minute, context.number("A"), context.flag("B"), context.word("C"), symbol.closes(2)]',
    ),
  ).toEqual({ seen: [10, 5, 1, true, 'x', [1, 2]] });
  expect(() => answer('context.number("B")')).toThrow('the setting B is not one of this strategy of that kind');
});

test.each([
  'Date',
  'Intl',
  'Promise',
  'WebAssembly',
  'SharedArrayBuffer',
  'Atomics',
  'WeakRef',
  'process',
  'require',
  'fetch',
  'setTimeout',
  'console',
  'eval',
  'Function',
])('there is no %s where it runs', (name) => {
  expect(answer(`typeof ${name}`)).toEqual({ seen: 'undefined' });
});

test('there is no chance, and no language of the machine', () => {
  expect(answer('typeof Math.random')).toEqual({ seen: 'undefined' });
  expect(answer('typeof "a".localeCompare')).toEqual({ seen: 'undefined' });
  expect(answer('(1234.5).toLocaleString("de-DE")')).toEqual({ seen: '1234.5' });
});

test.each([
  'symbol.sma.constructor("return process")()',
  'context.number.constructor("return this")().process',
  '(() => {}).constructor("return 1")()',
  '[].constructor.constructor("return process")()',
])('code made of text does not run: %s', (expression) => {
  expect(() => answer(expression)).toThrow('Code generation from strings disallowed');
});

test('nothing that it keeps outlives a call', () => {
  const counting = sandbox('calls += 1; return { calls };', 'let calls = 0;');
  const request = { context: { settings: {} }, symbol: { symbol: 'SPY' } };
  expect([counting.call('signal', request, ask), counting.call('signal', request, ask)]).toEqual([
    { calls: 1 },
    { calls: 1 },
  ]);
  expect(() => signal('globalThis.kept = 1; return {};')).toThrow('not extensible');
  expect(() => signal('Array.prototype.kept = 1; return {};')).toThrow('not extensible');
  expect(() => signal('symbol.price = 1; return {};')).toThrow('read only');
});

test('a loop ends, and the next call answers', () => {
  const looping = sandbox('for (;;) if (symbol.price === null) return {};');
  const request = (price: number | null) => ({ context: { settings: {} }, symbol: { symbol: 'SPY', price } });
  expect(() => looping.call('signal', request(1), ask)).toThrow('it did not answer within 1000 ms');
  expect(looping.call('signal', request(null), ask)).toEqual({});
});

test('what it throws is an error of the strategy, whatever it throws', () => {
  expect(() => signal('throw new TypeError("no range");')).toThrow(`${FILE}: no range`);
  expect(() => signal('throw "text";')).toThrow('text');
  expect(() => signal('throw { toString() { for (;;) {} } };')).toThrow('did not answer');
  expect(() => signal('const deep = () => deep(); deep();')).toThrow('call stack');
});
