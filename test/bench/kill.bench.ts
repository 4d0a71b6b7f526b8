import { fork, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseUtcText } from '../../src/kernel/time.js';
import { EngineHome } from '../support/engine-home.js';
import type { BenchRow } from './bench.js';
import { killsAtBrokers, quantile } from './kill/at-brokers.js';
import { triggerFile, scenarioFile, stampFile } from './kill/scenario.mjs';
import { copyTree } from '../support/copy-tree.js';

const HERE = dirname(fileURLToPath(import.meta.url));
/** Number of kills per scenario. */
const REPEATS = 10;
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

const SCENARIOS = [
  { name: 'quiet', what: 'no other load' },
  { name: 'loop', what: 'a strategy loops' },
  { name: 'web', what: 'web dead (SIGKILL)' },
  { name: 'slow', what: 'broker answers after 2 s' },
  { name: 'busy', what: 'projector burns every processor' },
] as const;
type Scenario = (typeof SCENARIOS)[number]['name'];

interface Stamp {
  readonly ms: number;
  readonly what: string;
}

/** From the flag's creation to the last closing order submitted to the broker, through main and engine as they run live. */
export async function run(): Promise<readonly BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'tradebot-kill-'));
  try {
    const rows: BenchRow[] = [...(await killsAtBrokers())];
    const template = await makeTemplate(join(folder, 'template'));
    for (const { name, what } of SCENARIOS) {
      const times: number[] = [];
      const firsts: number[] = [];
      const bareFlags: number[] = [];
      let orders = 0;
      for (let at = 0; at < REPEATS; at += 1) {
        const killed = await killOnce(template, join(folder, `${name}-${at}`), name);
        times.push(killed.lastMs);
        firsts.push(killed.firstMs);
        orders += killed.orders;
        bareFlags.push(await bareFlagMs(folder));
      }
      rows.push(rowOf(what, { times, firsts, orders, bareFlags }));
    }
    return rows;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Runs {
  /** Times to the last closing order, one per kill. */
  readonly times: readonly number[];
  /** Times to the first closing order. */
  readonly firsts: readonly number[];
  readonly orders: number;
  /** The yardstick: times until a bare loop has seen a new file and written one durable line. */
  readonly bareFlags: readonly number[];
}

function rowOf(what: string, { times, firsts, orders, bareFlags }: Runs): BenchRow {
  const yardstick = quantile(bareFlags, 0.99);
  const [p50, p99, max] = [quantile(times, 0.5), quantile(times, 0.99), quantile(times, 1)];
  const figures = `p50 ${p50.toFixed(0)}, p99 ${p99.toFixed(0)}, max ${max.toFixed(0)} ms`;
  const first = `first order p50 ${quantile(firsts, 0.5).toFixed(0)} ms`;
  return {
    what: `kill, ${what}: ${figures}; ${first}; ${times.length} kills, ${orders} orders`,
    ours: p99,
    yardstick,
    ratio: p99 / yardstick,
    goal: `p99 <= ${GOAL_MS} ms: ${p99 <= GOAL_MS ? 'met' : 'missed'}`,
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

async function killOnce(
  template: Template,
  home: string,
  scenario: Scenario,
): Promise<{ readonly firstMs: number; readonly lastMs: number; readonly orders: number }> {
  copyTree(template.home, home);
  writeFileSync(scenarioFile(home), scenario);
  const bot = EngineHome.at(home);
  const before = (await bot.eventsOf('OrderSubmitted')).length;
  const main = await startMain(home, template.at);
  try {
    // an entry is made each second, so two more show that the session runs again
    await until('entries', async () => (await bot.eventsOf('OrderSubmitted')).length >= before + 2, 60_000);
    await provoke(scenario, home, main);
    const flaggedAt = nowMs();
    writeFileSync(bot.made.base.control.flag('control_kill.flag'), '');
    const isStopped = async (): Promise<boolean> => (await bot.states()).at(-1) === 'stopped';
    await until('stopped', isStopped, 30_000);
    const closing = stampsOf(home).filter(({ what, ms }) => what === 'close_long' && ms >= flaggedAt);
    const late = stampsOf(home).filter(({ what, ms }) => what === 'open_long' && ms > (closing[0]?.ms ?? Infinity));
    const opened = (await bot.eventsOf('PositionOpened')).length;
    if (closing.length < opened || late.length > 0) {
      throw new Error(
        `${closing.length} closing orders for ${opened} positions, ${late.length} entries after the kill`,
      );
    }
    const after = closing.map(({ ms }) => ms - flaggedAt);
    return { firstMs: Math.min(...after), lastMs: Math.max(...after), orders: closing.length };
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
    const [at = '', what = ''] = line.split(' ');
    return { ms: Number(at) / 1e6, what };
  });
}

async function startMain(home: string, worldAt: number): Promise<ChildProcess> {
  const main = fork(join(HERE, 'kill/main.mjs'), [home, String(worldAt), String(SPEED)], {
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
