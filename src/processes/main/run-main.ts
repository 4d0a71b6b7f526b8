import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { ScaledClock } from '../../adapters/clock/scaled-clock.js';
import { SteadyClock } from '../../adapters/clock/steady-clock.js';
import { DiskReserve } from '../../adapters/files/disk-reserve.js';
import { causeText } from '../../adapters/files/system-error.js';
import { openHome } from '../../adapters/home/home.js';
import { HaltNote } from '../../adapters/home/halt-note.js';
import { lockHome } from '../../adapters/home/home-lock.js';
import { processesOf } from '../../adapters/home/running-processes.js';
import { onKillSignal } from '../../adapters/signals/signals.js';
import { ServiceManager } from '../../adapters/systemd/notify.js';
import { openTelemetry, type LogLevel, type Telemetry } from '../../adapters/telemetry/telemetry.js';
import { isJournalDamage } from '../../app/audit/verified-chain.js';
import { configError, TradeBotError } from '../../kernel/errors.js';
import { basePaths, type BasePaths, type HomePaths, type SystemLogName } from '../../domain/home/home-paths.js';
import type { Secret } from '../../kernel/secret.js';
import type { Clock } from '../../kernel/time.js';
import { isJournalLost } from '../../ports/journal.js';
import type { PlainError, TimeScale } from '../ipc/messages.js';
import { errorFrom, plainErrorOf, tracebackOf } from '../ipc/plain-error.js';
import type { FeedChoice } from '../../composition/market-source.js';
import { homeJournalAddress } from '../../composition/home-journal-address.js';
import { closeWithoutJournal, killWithoutJournal } from '../../composition/kill-without-journal.js';
import { lateOpening } from '../../composition/kills-meanwhile.js';
import { lookAtClocks } from './look-at-clocks.js';
import { LostTerminal, type LostTerminalOptions } from './lost-terminal.js';
import { Main } from './main.js';
import type { MainOptions } from './main-options.js';
import { prepareHome } from './prepare-home.js';
import type { Programs } from './programs.js';
import { startWhenReachable, type JournalWait } from './start-when-reachable.js';
import type { WebChoice, WebUp } from './web-address.js';

export interface RunMainOptions {
  /** Absolute path of the home. */
  readonly home: string;
  readonly root: string;
  readonly version: string;
  /** Version of the Node that runs this process, such as 24.21.0. */
  readonly nodeVersion: string;
  readonly pid: number;
  readonly userId: number | undefined;
  /** The machine's clock. */
  readonly wall: Clock;
  readonly timeScale: TimeScale | null;
  /** The market data of the simulated world; left out: an invented market of the bot. */
  readonly feed?: FeedChoice | undefined;
  readonly masterKeyFile: string | null;
  readonly web: WebChoice;
  readonly programs: Programs;
  readonly level: LogLevel;
  readonly service: { readonly socket: string | undefined; readonly watchdogUsec: number | undefined; path: string };
  readonly timing?: MainOptions['timing'];
  readonly policy?: MainOptions['policy'];
  /** A line for people on stderr. */
  readonly notice: (line: string) => void;
  /** Once, when everything that can be is up. */
  readonly onUp: (up: MainUp) => void;
  /** Resolves with the reason when main is to end. */
  readonly stopAsked: Promise<string>;
  /** How its terminal was lost, and what then; left out: it has none. */
  readonly terminal?: Pick<LostTerminalOptions, 'policy' | 'lost'>;
}

export interface MainUp {
  readonly home: string;
  readonly state: string;
  /** Why it is in `error`; null in all other states. */
  readonly cause: string | null;
  /** Where the web listens; null when it cannot. */
  readonly address: string | null;
  readonly fault: PlainError | null;
  /** Only while there is no user. */
  readonly setupToken: Secret | undefined;
}

const WEB_UP_WITHIN_MS = 30_000;
const ORPHANS_END_WITHIN_MS = 4_000;
const ORPHANS_GONE_WITHIN_MS = 2_000;

/**
 * Main from lock to unlock: resolves when it was asked to stop and has stopped. Throws ConfigError, having started nothing
 * that still runs: HOME_IN_USE, HOME_NOT_WRITABLE, HOME_OTHER_USER, HOME_NOT_PROVISIONED, what opening the journal throws,
 * and on a home that is not set up also what keeps the web from listening.
 */
export async function runMain(options: RunMainOptions): Promise<void> {
  const base = await homeOrKill(options);
  // Without main nothing is managed and no kill is heard: on a full disk its start comes first.
  new DiskReserve(base.storage.reserve).releaseIfFull('halt');
  const lock = lockHome({
    ...{ paths: base, command: 'run', pid: options.pid, clock: options.wall },
    why: 'One bot trades from a home, never two.',
  });
  try {
    await endOrphans(base, options);
    const times = timesOf(options);
    const logs = openLogs(base, options, times);
    try {
      await runLocked(base, options, { logs, ...times });
    } finally {
      for (const log of Object.values(logs)) await log.close();
    }
  } finally {
    lock.release();
  }
}

type Logs = Readonly<Record<'main' | 'heartbeat' | 'start' | 'stop', Telemetry>>;

interface Times {
  readonly steady: SteadyClock;
  readonly clock: Clock;
}

function timesOf({ timeScale }: RunMainOptions): Times {
  const steady = new SteadyClock();
  return { steady, clock: timeScale === null ? steady : new ScaledClock(timeScale, steady) };
}

function openLogs(base: BasePaths, { level }: RunMainOptions, { steady, clock: world }: Times): Logs {
  const open = (name: SystemLogName): Telemetry =>
    openTelemetry({ path: base.output.systemLog(name), steady, world, process: 'main', level });
  return { main: open('main_bot'), heartbeat: open('heartbeat'), start: open('start'), stop: open('stop') };
}

async function runLocked(
  base: BasePaths,
  options: RunMainOptions,
  { logs, steady, clock }: Times & { readonly logs: Logs },
): Promise<void> {
  const { version, pid } = options;
  const service = new ServiceManager({ ...options.service, pid });
  const terminal = new LostTerminal({
    ...(options.terminal ?? { policy: 'stay', lost: new Promise<string>(() => undefined) }),
    ...{ path: base.control.terminalLost, pid, clock: steady, log: logs.main },
  });
  const stopAsked = terminal.stopAsked(options.stopAsked);
  const main = new Main({
    ...options,
    terminalLost: () => terminal.how,
    base,
    versionTag: version,
    clock,
    steady,
    logs: { main: logs.main, heartbeat: logs.heartbeat },
    notice: (line) => warn(logs.main, options, line),
    onState: (state) => void service.notify({ word: 'status', text: `state: ${state}` }),
  });
  const guard = guardMain(main, logs.main, options.notice);
  const looks = lookAtClocks(steady, logs.main);
  const hears = onKillSignal((signal) => main.killBySignal(signal));
  let asked = 'it could not start';
  try {
    const obeyKill = (error: unknown): Promise<string | undefined> => closedAlone(base, options, error);
    const late = (): TradeBotError | undefined => lateJournal(base, options);
    const wait = { obeyKill, stopAsked, late, notice: (line: string): void => warn(logs.main, options, line) };
    const isUp = await startOrTell(main, logs.main, wait).catch(async (error: unknown) => {
      await closeAlone(base, options, error);
      throw error;
    });
    if (!isUp) {
      asked = await stopAsked;
      return;
    }
    logs.start.info('started', { version, pid, home: base.home, state: main.home.state });
    const ping = pingWatchdog(main, service);
    try {
      await tellWhenUp(main, base, { ...options, stopAsked });
      await service.notify({ word: 'ready' });
      asked = await Promise.race([stopAsked, main.home.ownership.lostTo.then(({ message }) => message)]);
      await service.notify({ word: 'stopping' });
    } finally {
      clearInterval(ping);
    }
  } finally {
    await main.stop(asked);
    clearInterval(looks);
    await terminal.close();
    logs.stop.info('stopped', { reason: asked, pid, state: main.home.state });
    hears();
    guard();
  }
  if (main.home.ownership.lost !== undefined) throw main.home.ownership.lost;
}

/** A start that is refused because others may change the home obeys a kill flag of the owner, unless a bot runs there, which does. */
async function homeOrKill(options: RunMainOptions): Promise<BasePaths> {
  try {
    return prepareHome(options.home, options.userId);
  } catch (error) {
    if (!(error instanceof TradeBotError) || error.code !== 'HOME_UNSAFE') throw error;
    const base = basePaths(options.home);
    try {
      const lock = lockHome({ paths: base, command: 'run', pid: options.pid, clock: options.wall });
      await closeAlone(base, options, error).finally(() => lock.release());
    } catch (failed) {
      options.notice(`a kill could not be looked for: ${causeText(failed)}`);
    }
    throw error;
  }
}

/** A start that is refused for its journal obeys a kill flag, and closes what an earlier run left open, without it (RUN-16). */
async function closeAlone(base: BasePaths, options: RunMainOptions, error: unknown): Promise<void> {
  const done = await closedAlone(base, options, error);
  if (done !== undefined) options.notice(done);
}

async function closedAlone(base: BasePaths, options: RunMainOptions, error: unknown): Promise<string | undefined> {
  const { home } = base;
  const { version: versionTag, masterKeyFile, timeScale: scale, notice } = options;
  if (!existsSync(base.marker)) return undefined;
  const { identityParts, paths } = openHome({ dir: home, create: false, version: versionTag });
  const stderr = (line: string): void => notice(line.trim());
  const parts = { home, identityParts, versionTag, masterKeyFile, scale, stderr };
  const killed = await killWithoutJournal(error, parts);
  if (killed !== undefined || !leftOpen(base, paths, error)) return killed;
  const reason = 'an earlier run left positions to close, and no engine can read the journal';
  return (await closeWithoutJournal(error, { reason, actor: 'system:main' }, parts))?.line;
}

/** Whether an earlier run had to close everything, or managed positions after events of the journal were gone. */
function leftOpen(base: BasePaths, { storage }: HomePaths, error: unknown): boolean {
  if (!isJournalDamage(error)) return false;
  if (new HaltNote(base.storage.haltNote).read() !== undefined) return true;
  return isJournalLost(error) && existsSync(storage.outageSpool);
}

/** Why a start waits that is not refused; undefined when no server keeps it waiting. */
function lateJournal({ home, marker }: BasePaths, options: RunMainOptions): TradeBotError | undefined {
  const { version, wall: clock, masterKeyFile } = options;
  try {
    if (!existsSync(marker)) return undefined;
    const { storage } = openHome({ dir: home, create: false, version }).paths;
    return lateOpening(homeJournalAddress({ storage, clock, masterKeyFile }), storage.journalDb);
  } catch {
    // the start itself says what is wrong with the home
    return undefined;
  }
}

/** A line for the log of main and for people on stderr. */
function warn(log: Telemetry, { notice }: RunMainOptions, line: string): void {
  log.warn(line);
  notice(line);
}

async function startOrTell(main: Main, log: Telemetry, wait: JournalWait): Promise<boolean> {
  try {
    return await startWhenReachable((opened) => main.start(opened), wait);
  } catch (error) {
    log.error('it could not start', { ...plainErrorOf(error) });
    throw error;
  }
}

async function tellWhenUp(main: Main, base: BasePaths, options: RunMainOptions): Promise<void> {
  const waited = new AbortController();
  const up = await Promise.race([
    main.webAddress.up,
    pause(WEB_UP_WITHIN_MS, 'late' as const, { signal: waited.signal }),
    options.stopAsked.then(() => 'stopped' as const),
  ]);
  waited.abort();
  if (up === 'stopped') return;
  if (up === 'late') void main.webAddress.up.then((later) => tellPages(later, options.notice));
  const fault = typeof up === 'object' && 'fault' in up ? up.fault : null;
  // Without a page there is no set-up; a bot that trades continues without its pages, and they are tried again.
  if (fault !== null && !main.home.settled) throw errorFrom(fault);
  const address = typeof up === 'object' && 'address' in up ? up.address : null;
  const { state, reason } = main.home;
  const cause = state === 'error' ? (reason ?? null) : null;
  options.onUp({ home: base.home, state, cause, address, fault, setupToken: main.setupToken });
}

/** The pages came, or failed, after the start was reported without them. */
function tellPages(later: WebUp, notice: (line: string) => void): void {
  const news = 'address' in later ? later.address : `not available: ${later.fault.message}. ${later.fault.remedy}`;
  notice(`pages           ${news}`);
}

function pingWatchdog(main: Main, service: ServiceManager): NodeJS.Timeout | undefined {
  const everyMs = service.pingEveryMs;
  if (everyMs === undefined) return undefined;
  return setInterval(() => {
    if (main.healthy) void service.notify({ word: 'watchdog' });
  }, everyMs);
}

/** Records an uncaught error of main once; main and its children end, and systemd restarts it. */
function guardMain(main: Main, log: Telemetry, notice: (line: string) => void): () => void {
  let crashed = false;
  const crash = (error: unknown): void => {
    if (crashed) return;
    crashed = true;
    const plain = plainErrorOf(error);
    const { code, message } = plain;
    const traceback = tracebackOf(error);
    log.error('main dies of an error that nobody caught', { message, traceback });
    notice(`${message} (${code}). This is a defect of TradeBot: see main_bot.log.`);
    const written = main.home.crashed('main', plain, traceback);
    void Promise.race([written, pause(500)]).then(() => process.exit(2));
  };
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', crash);
  return () => {
    process.off('uncaughtException', crash);
    process.off('unhandledRejection', crash);
  };
}

/** Children of a main that was killed end by themselves; one that hangs is ended, for two engines must never trade. */
async function endOrphans(base: BasePaths, { programs, notice }: RunMainOptions): Promise<void> {
  const files = Object.values(programs).map(({ file }) => file);
  const left = (): readonly number[] => processesOf(base.home, files);
  if (await noneWithin(left, ORPHANS_END_WITHIN_MS)) return;
  for (const pid of left()) {
    notice(`process ${pid} of an earlier start hangs and is ended`);
    end(pid);
  }
  if (await noneWithin(left, ORPHANS_GONE_WITHIN_MS)) return;
  throw configError({
    code: 'ORPHANS',
    message: `processes of an earlier start still work in ${base.home}: ${left().join(', ')}`,
    remedy: 'End them (kill -9), then start again.',
  });
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It just ended; a process of another user is found by the next count.
  }
}

async function noneWithin(left: () => readonly number[], withinMs: number): Promise<boolean> {
  for (let waited = 0; left().length > 0; waited += 50) {
    if (waited >= withinMs) return false;
    await pause(50);
  }
  return true;
}
