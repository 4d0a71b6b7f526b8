/** The real engine with an eager strategy and a broker that records the time of each call. */
import { existsSync } from 'node:fs';
import { openStrategy } from '../../../dist/src/strategies/open/open.js';
import { Decimal } from '../../../dist/src/kernel/decimal.js';
import { startEngine } from '../../../dist/src/processes/engine/start-engine.js';
import { runChild } from '../../../dist/src/processes/ipc/child.js';
import { triggerFile, scenarioOf, stamp } from './scenario.mjs';

const SLOW_MS = 2_000;
const MINUTE_MS = 60_000;

/** One more entry each minute, in the order of the symbols, as long as the window lasts. */
function eager(home) {
  const spins = scenarioOf(home) === 'loop';
  return {
    ...openStrategy,
    filters: [],
    analyze: (market) => ({
      candidates: market.symbols.map((symbol, at) => ({ symbol, rank: at + 1, fitness: Decimal.ONE, figures: {} })),
      screenedOut: [],
    }),
    signal: (symbol, market, context) => {
      if (spins && existsSync(triggerFile(home))) spin(home);
      const { lastBar, lastBarEnd } = market.of(symbol);
      const minute = lastBarEnd === undefined ? -1 : (lastBarEnd - context.opensAt) / MINUTE_MS;
      const reason = { code: 'NOT_YET', figures: {} };
      if (lastBar === undefined || market.symbols.indexOf(symbol) > minute - 4) return { fired: false, reason };
      return { fired: true, signal: { symbol, side: 'long', rule: 'EAGER', price: lastBar.close, figures: {} } };
    },
    manage: () => undefined,
  };
}

function spin(home) {
  stamp(home, 'loop');
  for (let n = 0; n >= 0; n = (n + 1) % 1_000) if (n < 0) return;
}

/** Records the time of each call; slow: acts immediately and answers two seconds later. */
function timed(home, broker) {
  const mayBeSlow = scenarioOf(home) === 'slow';
  return new Proxy(broker, {
    get(target, key) {
      const value = Reflect.get(target, key, target);
      if (typeof value !== 'function') return value;
      return (...args) => {
        if (key === 'submit') stamp(home, args[0].positionEffect, args[0].symbol);
        if (key === 'cancel' || key === 'orderByClientId') stamp(home, key, args[0]);
        const answer = value.apply(target, args);
        const answersLate =
          mayBeSlow && existsSync(triggerFile(home)) && ['submit', 'cancel', 'orderByClientId'].includes(key);
        return answersLate ? later(answer) : answer;
      };
    },
  });
}

async function later(answer) {
  await new Promise((resolve) => setTimeout(resolve, SLOW_MS));
  return answer;
}

runChild('engine', (child) => {
  const { home } = child.init;
  return startEngine(child, { broker: (broker) => timed(home, broker), strategies: () => [eager(home)] });
});
