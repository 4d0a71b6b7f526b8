import { request } from 'node:http';
import { connect } from 'node:net';
import { parseSymbol } from '../../../src/events/names.js';
import { Decimal } from '../../../src/kernel/decimal.js';
import { AlpacaBench } from '../../contract/broker-alpaca/bench.js';
import { ibkrBench } from '../../contract/broker-ibkr/bench.js';
import type { Desk } from '../../contract/broker-kit/desk.js';
import { KillDesk } from '../../contract/broker-kit/kill-desk.js';
import type { BrokerBench } from '../../contract/broker-kit/kit.js';
import { makeBench } from '../../contract/broker-tradier/bench.js';
import type { EmulatedExchange } from '../../emulators/exchange/exchange.js';
import type { BenchRow } from '../bench.js';

/** Kills at each broker. */
const REPEATS = 20;
/** Open positions of a kill, each with its stop at the broker. */
const POSITIONS = 10;
/** Milliseconds in which Alpaca answers both of its calls. */
const BULK_GOAL_MS = 150;

/** A new account at an emulated broker, and the time of a bare request to it. */
interface Place {
  readonly bench: BrokerBench;
  readonly desk: Desk;
  readonly exchange: EmulatedExchange;
  readonly bare: () => Promise<void>;
  /** Milliseconds until what the preparation sent no longer counts against the messages of a second. */
  readonly quietAfterMs?: number;
}

const PLACES: Readonly<Record<string, () => Promise<Place>>> = {
  ALPACA: async () => {
    const bench = await AlpacaBench.open();
    const { url, exchange } = bench.emulator;
    return { bench, desk: bench.desk, exchange, bare: () => bareRequest('DELETE', `${url}/v2/orders`) };
  },
  TRADIER: async () => {
    const bench = await makeBench();
    const { url, exchange } = bench.emulator;
    return { bench, desk: bench.desk, exchange, bare: () => bareRequest('GET', `${url}/v1/user/profile`) };
  },
  IBKR: async () => {
    const bench = await ibkrBench();
    const { exchange, address } = bench;
    return { bench, desk: bench.desk(), exchange, bare: () => bareConnection(address), quietAfterMs: 1_100 };
  },
};

interface Killed {
  /** Until all cancels are answered, until no stop is open, until all closing orders are answered, in milliseconds. */
  readonly cancelMs: number;
  readonly wholeMs: number;
  readonly closeMs: number;
  readonly bareMs: number;
  readonly callsLeft: number | undefined;
}

/** A kill with resting stops against each emulated broker, next to bare requests to the same emulator in the same run. */
export async function killsAtBrokers(): Promise<readonly BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const [name, place] of Object.entries(PLACES)) {
    const kills: Killed[] = [];
    for (let n = 0; n < REPEATS; n += 1) kills.push(await killAt(await place()));
    rows.push(name === 'ALPACA' ? bulkRow(kills) : singleRow(name, kills));
  }
  return rows;
}

async function killAt({ bench, desk, exchange, bare, quietAfterMs = 0 }: Place): Promise<Killed> {
  try {
    const kill = new KillDesk(bench, desk);
    for (let n = 0; n < POSITIONS; n += 1) {
      const symbol = parseSymbol(`K${String.fromCharCode(65 + n)}`);
      exchange.list({ symbol, price: Decimal.of(100) });
      await kill.hold(symbol, '10');
    }
    await new Promise((resolve) => setTimeout(resolve, quietAfterMs));
    const bareMs = (await msOf(bare)) + (await msOf(bare));
    const start = performance.now();
    const cancelMs = await msOf(() => kill.cancelStops());
    await kill.stopsAreGone();
    const closeMs = await msOf(() => kill.close());
    const wholeMs = performance.now() - start;
    const callsLeft = bench.broker.budget?.().left;
    const sold = await kill.soldShares();
    if (sold.some((shares) => shares !== '10')) throw new Error(`a kill sold ${sold.join(', ')} of 10 shares each`);
    return { cancelMs, wholeMs, closeMs, bareMs, callsLeft };
  } finally {
    await bench.finish();
  }
}

function bulkRow(kills: readonly Killed[]): BenchRow {
  const both = kills.map(({ cancelMs, closeMs }) => cancelMs + closeMs);
  const goal = `p99 <= ${BULK_GOAL_MS} ms: ${quantile(both, 0.99) <= BULK_GOAL_MS ? 'met' : 'missed'}`;
  return rowOf('ALPACA, cancel all and close all answered', both, kills, goal);
}

function singleRow(name: string, kills: readonly Killed[]): BenchRow {
  const whole = kills.map(({ wholeMs }) => wholeMs);
  return rowOf(`${name}, until the last closing order is answered`, whole, kills, 'none: the limit of calls decides');
}

function rowOf(what: string, times: readonly number[], kills: readonly Killed[], goal: string): BenchRow {
  const left = kills.map(({ callsLeft }) => callsLeft ?? Number.POSITIVE_INFINITY);
  const calls = Math.min(...left);
  const limit = Number.isFinite(calls) ? `${calls} order calls left` : 'no limit of order calls';
  const p50 = quantile(times, 0.5).toFixed(0);
  const [ours, yardstick] = [
    quantile(times, 0.99),
    quantile(
      kills.map(({ bareMs }) => bareMs),
      0.99,
    ),
  ];
  return {
    what: `kill at ${what}: p50 ${p50}, p99 ${ours.toFixed(0)} ms; ${POSITIONS} positions with stops, ${kills.length} kills; ${limit}; yardstick: two bare requests`,
    ...{ ours, yardstick, ratio: ours / yardstick, goal },
  };
}

/** The value that a share `q` of all does not exceed. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? NaN;
}

async function msOf(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Any answer will do, also a refusal: it is as long as the way there and back. */
function bareRequest(method: string, url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    request(url, { method }, (answer) => answer.resume().on('end', resolve))
      .on('error', reject)
      .end();
  });
}

function bareConnection({ host, port }: { readonly host: string; readonly port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, host, () => {
      socket.destroy();
      resolve();
    }).on('error', reject);
  });
}
