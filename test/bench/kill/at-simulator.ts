import { fork, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseUtcText } from '../../../src/kernel/time.js';
import { EngineHome } from '../../support/engine-home.js';
import type { BenchRow } from '../bench.js';
import { quantile } from './at-brokers.js';
import { triggerFile, scenarioFile, stampFile } from './scenario.mjs';
import { copyTree } from '../../support/copy-tree.js';

const HERE = dirname(fileURLToPath(import.meta.url));
/** Kills of a scenario, at most; a slow machine makes fewer, as many as begin in this time, but not fewer than the least. */
const REPEATS = 10;
const SCENARIO_MS = 45_000;
const LEAST_REPEATS = 3;
const START = '2013-10-07T13:29:30.000Z';
/** A market minute each second; the kill itself is measured in machine time. */
const SPEED = 60;
/** Open positions in the template of all runs. */
const POSITIONS = 6;
const GOAL_MS = 100;

const SYMBOLS = Array.from({ length: 40 }, (_, at) => `K${String.fromCharCode(65 + (at % 26))}${at < 26 ? 'A' : 'B'}`);
const SETTINGS = {
  MAX_TRADES: '40',
  WEIGHTS: Array.from({ length: 40 }, () => '0.025').join(','),
  MAX_OPEN_POSITIONS: '40',
  TOTAL_ALLOCATION: '0.5',
  MAX_RISK_PER_TRADE: '1',
  MAX_SPREAD_PCT: '0.2',
  MIN_VOLUME_THRESHOLD: '0',
  MAX_PRICE: '1000000',
  TRADING_TRAILING_STOP_PCT: '0.4',
  STRAT_MID_ENABLED: 'false',
  STRAT_CLOSE_ENABLED: 'false',
  OPEN_ANALYSIS_TIME: '1',
  OPEN_BREAKOUT_TIME: '300',
  OPEN_MONITORING_TIME: '30',
};

export const SCENARIOS = [
  { name: 'quiet', what: 'no other load' },
  { name: 'loop', what: 'a strategy loops' },
  { name: 'web', what: 'web dead (SIGKILL)' },
  { name: 'slow', what: 'broker answers after 2 s' },
  { name: 'busy', what: 'projector burns every processor' },
] as const;
export type Scenario = (typeof SCENARIOS)[number]['name'];

interface Stamp {
  readonly ms: number;
  readonly what: string;
  readonly symbol: string;
}

/** Milliseconds from the flag's existence to the closing orders of one kill. */
interface Killed {
  readonly firstMs: number;
  /** The last order of a position that was open. */
  readonly openMs: number;
  /** The last order of all: entries that were at the broker are closed when it says that they traded. */
  readonly lastMs: number;
  /** What the test itself took to put the flag in place. */
  readonly flagMs: number;
  readonly orders: number;
}

/** From the moment that the flag is in place to the last closing order submitted, through main and engine as they run live. */
export async function killsAtSimulator(
  scenarios: readonly { readonly name: Scenario; readonly what: string }[] = SCENARIOS,
  repeats = REPEATS,
): Promise<readonly BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'tradebot-kill-'));
  try {
    const rows: BenchRow[] = [];
    const template = await makeTemplate(join(folder, 'template'));
    for (const { name, what } of scenarios) {
      const kills: Killed[] = [];
      const bareFlags: number[] = [];
      const endsAt = nowMs() + SCENARIO_MS;
      for (let at = 0; at < repeats && (at < LEAST_REPEATS || nowMs() < endsAt); at += 1) {
        kills.push(await killOnce(template, join(folder, `${name}-${at}`), name));
        bareFlags.push(await bareFlagMs(folder));
      }
      rows.push(rowOf(what, kills, bareFlags));
    }
    return rows;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param bareFlags The yardstick: times until a bare loop has seen a new file and written one durable line. */
function rowOf(what: string, kills: readonly Killed[], bareFlags: readonly number[]): BenchRow {
  const yardstick = quantile(bareFlags, 0.99);
  const p = (of: (killed: Killed) => number, q: number): number => quantile(kills.map(of), q);
  const both = (of: (killed: Killed) => number): string =>
    `p50 ${p(of, 0.5).toFixed(0)}, p99 ${p(of, 0.99).toFixed(0)} ms`;
  const open = p(({ openMs }) => openMs, 0.99);
  const orders = kills.reduce((sum, each) => sum + each.orders, 0);
  const figures = [
    `first order ${both(({ firstMs }) => firstMs)}`,
    `last of the open positions ${both(({ openMs }) => openMs)}`,
    `last of all, with entries that the broker filled meanwhile, ${both(({ lastMs }) => lastMs)}`,
    `to set the flag ${both(({ flagMs }) => flagMs)}`,
  ];
  return {
    what: `kill, ${what}: ${figures.join('; ')}; ${kills.length} kills, ${orders} orders`,
    ours: open,
    yardstick,
    ratio: open / yardstick,
    goal: `p99 <= ${GOAL_MS} ms: ${open <= GOAL_MS ? 'met' : 'missed'}`,
  };
}

/** The least that a kill by a flag takes: a new file is noticed, and one line is durable. */
async function bareFlagMs(folder: string): Promise<number> {
  const [flag, line] = [join(folder, 'bare.flag'), join(folder, 'bare.line')];
  const watcher = watch(folder);
  const seen = new Promise<void>((resolve) => watcher.on('change', () => existsSync(flag) && resolve()));
  const start = nowMs();
  try {
    writeFileSync(flag, '');
    await seen;
    writeFileSync(line, '', { flush: true });
    return nowMs() - start;
  } finally {
    watcher.close();
    rmSync(flag);
  }
}

interface Template {
  readonly home: string;
  /** Time of the world when it was taken. */
  readonly at: number;
}

/** A home in the middle of a session, whose processes were killed. */
async function makeTemplate(home: string): Promise<Template> {
  const bot = await EngineHome.make(home, START, { symbols: SYMBOLS, settings: SETTINGS });
  const main = await startMain(home, parseUtcText(START));
  try {
    await until('positions', async () => (await bot.eventsOf('PositionOpened')).length >= POSITIONS, 60_000);
  } finally {
    endAll(main);
  }
  const last = (await bot.events()).at(-1)?.recordedAt ?? START;
  return { home, at: parseUtcText(last) + 60_000 };
}

async function killOnce(template: Template, home: string, scenario: Scenario): Promise<Killed> {
  copyTree(template.home, home);
  writeFileSync(scenarioFile(home), scenario);
  const bot = EngineHome.at(home);
  const before = (await bot.eventsOf('OrderSubmitted')).length;
  const main = await startMain(home, template.at);
  try {
    // an entry is made each second, so two more show that the session runs again
    await until('entries', async () => (await bot.eventsOf('OrderSubmitted')).length >= before + 2, 60_000);
    await provoke(scenario, home, main);
    const startedAt = nowMs();
    writeFileSync(bot.made.base.control.flag('control_kill.flag'), '');
    const flaggedAt = nowMs();
    const isStopped = async (): Promise<boolean> => (await bot.states()).at(-1) === 'stopped';
    await until('stopped', isStopped, 30_000);
    const closing = stampsOf(home).filter(({ what, ms }) => what === 'close_long' && ms >= startedAt);
    const late = stampsOf(home).filter(({ what, ms }) => what === 'open_long' && ms > (closing[0]?.ms ?? Infinity));
    const positions = await bot.eventsOf('PositionOpened');
    if (closing.length < positions.length || late.length > 0) {
      throw new Error(
        `${closing.length} closing orders for ${positions.length} positions, ${late.length} entries after the kill`,
      );
    }
    const killedAt = (await bot.eventsOf('BotStateChanged')).find(
      ({ data }) => data.to === 'emergency_closing_positions',
    );
    if (killedAt === undefined) throw new Error('the kill is not in the journal');
    const open = positions
      .filter(({ position }) => position < killedAt.position)
      .map(({ data }) => String(data.symbol));
    const lastOf = (stamps: readonly Stamp[]): number => Math.max(...stamps.map(({ ms }) => ms - flaggedAt));
    return {
      firstMs: Math.min(...closing.map(({ ms }) => ms - flaggedAt)),
      openMs: lastOf(closing.filter(({ symbol }) => open.includes(symbol))),
      lastMs: lastOf(closing),
      flagMs: flaggedAt - startedAt,
      orders: closing.length,
    };
  } finally {
    endAll(main);
    for (const path of [home, scenarioFile(home), stampFile(home), triggerFile(home)]) {
      rmSync(path, { recursive: true, force: true });
    }
  }
}

/** Puts the bot into the worst moment of the scenario, and returns in it. */
async function provoke(scenario: Scenario, home: string, main: ChildProcess): Promise<void> {
  const count = (what: string): number => stampsOf(home).filter((each) => each.what === what).length;
  if (scenario === 'loop') {
    writeFileSync(triggerFile(home), '');
    await until('a loop', () => count('loop') > 0, 20_000, 1);
  } else if (scenario === 'slow') {
    writeFileSync(triggerFile(home), '');
    const entries = count('open_long');
    await until('an entry under way', () => count('open_long') > entries, 20_000, 1);
  } else if (scenario === 'web') {
    for (const pid of childrenOf(main)) {
      if (readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('web-process')) process.kill(pid, 'SIGKILL');
    }
  }
}

function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

function stampsOf(home: string): readonly Stamp[] {
  if (!existsSync(stampFile(home))) return [];
  const lines = readFileSync(stampFile(home), 'utf8').trimEnd().split('\n');
  return lines.map((line) => {
    const [at = '', what = '', symbol = ''] = line.split(' ');
    return { ms: Number(at) / 1e6, what, symbol };
  });
}

async function startMain(home: string, worldAt: number): Promise<ChildProcess> {
  const main = fork(join(HERE, 'main.mjs'), [home, String(worldAt), String(SPEED)], {
    execArgv: [],
    env: {},
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const said: unknown[] = [];
  main.on('message', (message) => said.push(message));
  await until('main', () => said.length > 0 || main.exitCode !== null, 60_000);
  if (said.length === 0) throw new Error(`main ended with ${String(main.exitCode)}`);
  return main;
}

function childrenOf({ pid }: ChildProcess): readonly number[] {
  const text = readFileSync(`/proc/${String(pid)}/task/${String(pid)}/children`, 'utf8').trim();
  return text === '' ? [] : text.split(' ').map(Number);
}

/** As a power cut would: main first, so that it restarts no child. */
function endAll(main: ChildProcess): void {
  if (main.exitCode !== null || main.signalCode !== null) return;
  const children = childrenOf(main);
  for (const pid of [main.pid, ...children]) {
    try {
      if (pid !== undefined) process.kill(pid, 'SIGKILL');
    } catch {
      // it ended by itself
    }
  }
}

async function until(
  what: string,
  isTrue: () => boolean | Promise<boolean>,
  withinMs: number,
  everyMs = 20,
): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await isTrue())) {
    if (Date.now() > deadline) throw new Error(`there were no ${what} within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
