/**
 * The program that runs inside the context of a strategy before its module does. It takes away what is not the same each time
 * (clock, chance, other threads, the language of the machine) and what could keep a state between two calls, and answers calls:
 * texts go in and out, so no object of TradeBot is ever in reach of the module.
 */
export const SANDBOX_SOURCE = `'use strict';
(function prepare() {
  const { parse, stringify } = JSON;
  const { freeze, getOwnPropertyNames, getPrototypeOf, entries } = Object;
  const TEXT_LIMIT = 500;
  for (const name of ['Date', 'Intl', 'Promise', 'WebAssembly', 'SharedArrayBuffer', 'Atomics', 'WeakRef',
    'FinalizationRegistry', 'console', 'eval', 'Function']) delete globalThis[name];
  delete Math.random;
  for (const like of [String, Number, Array, BigInt]) {
    for (const name of getOwnPropertyNames(like.prototype)) {
      if (name.startsWith('toLocale') || name === 'localeCompare') delete like.prototype[name];
    }
  }
  const seen = new Set();
  const harden = (value) => {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value)) return;
    seen.add(value);
    freeze(value);
    harden(getPrototypeOf(value));
    for (const key of Reflect.ownKeys(value)) {
      const { value: inner, get, set } = Reflect.getOwnPropertyDescriptor(value, key);
      harden(inner); harden(get); harden(set);
    }
  };
  for (const hidden of [async () => {}, function* () {}, async function* () {}, [][Symbol.iterator](), ''[Symbol.iterator](),
    new Map()[Symbol.iterator](), new Set()[Symbol.iterator](), /x/[Symbol.matchAll]('x')]) harden(getPrototypeOf(hidden));
  harden(globalThis);

  const contextOf = ({ settings, ...facts }) => {
    const setting = (kind, name) => {
      const found = settings[name];
      if (typeof found !== kind) throw new TypeError('the setting ' + name + ' is not one of this strategy of that kind');
      return found;
    };
    return freeze({
      ...facts,
      number: (name) => setting('number', name),
      flag: (name) => setting('boolean', name),
      word: (name) => setting('string', name),
    });
  };
  const viewOf = (facts, ask) => {
    const asked = (...question) => {
      let answer;
      try {
        answer = ask(stringify([facts.symbol, ...question]));
      } catch {
        throw new TypeError('the market did not answer ' + question[0]);
      }
      return parse(answer);
    };
    return freeze({
      ...facts,
      sma: (bars) => asked('sma', bars),
      closes: (count) => asked('closes', count),
      bars: (count) => asked('bars', count),
      range: (from, to) => asked('range', from, to),
    });
  };
  const errorOf = (error) => {
    const isObject = typeof error === 'object' && error !== null;
    return {
      message: String(isObject && 'message' in error ? error.message : error).slice(0, TEXT_LIMIT),
      stack: isObject && typeof error.stack === 'string' ? error.stack.slice(0, 4000) : '',
    };
  };
  const methodsOf = (strategy) => entries(strategy).filter(([, value]) => typeof value === 'function').map(([name]) => name);
  const describe = (strategy) => ({
    description: strategy.description, window: strategy.window, settings: strategy.settings, methods: methodsOf(strategy),
  });
  const WORK = {
    describe: (strategy) => describe(strategy),
    selfCheck: (strategy, { context }) => strategy.selfCheck(contextOf(context)) ?? null,
    analyze: (strategy, { context, symbols }, ask) =>
      symbols.map((facts) => strategy.analyze(viewOf(facts, ask), contextOf(context))),
    signal: (strategy, { context, symbol }, ask) => strategy.signal(viewOf(symbol, ask), contextOf(context)),
    manage: (strategy, { context, symbol, position }, ask) =>
      strategy.manage(freeze(position), viewOf(symbol, ask), contextOf(context)) ?? null,
  };
  return (factory, method, request, ask) => {
    try {
      const exported = {};
      factory(exported);
      const strategy = exported.default;
      if (typeof strategy !== 'object' || strategy === null) throw new TypeError('the module has no object as its default export');
      return stringify({ value: WORK[method](strategy, parse(request), ask) ?? null });
    } catch (error) {
      return stringify({ error: errorOf(error) });
    }
  };
})()`;
