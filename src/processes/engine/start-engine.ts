import { basePaths, homePaths } from '../../domain/home/home-paths.js';
import { composeBotIdentity, type BotIdentityParts } from '../../kernel/identity.js';
import { configError, journalError, TradeBotError } from '../../kernel/errors.js';
import { secret } from '../../kernel/secret.js';
import { RunningStopwatch } from '../../adapters/clock/running-stopwatch.js';
import { SystemClock } from '../../adapters/clock/system-clock.js';
import { lockEngine } from '../../adapters/home/engine-lock.js';
import { isOwnedElsewhere } from '../../domain/ownership/owner-errors.js';
import { watchOwnership } from '../../composition/own-bot.js';
import { isJournalDamage } from '../../app/audit/verified-chain.js';
import { JournalMeter } from '../../app/health/timed-journal.js';
import { DiskReserve } from '../../adapters/files/disk-reserve.js';
import { obeyed, refused } from '../../app/live/commands.js';
import type { WatchOrders } from '../../app/health/world-watch.js';
import type { Child, ChildBody, ChildStop } from '../ipc/child.js';
import { LiveEngine } from './live-engine.js';
import { OrphanEngine } from './orphan-engine.js';
import { OutageLimit, outageRulesOf } from './outage-limit.js';
import { isFlat } from '../../domain/session/trading-permissions.js';
import { homeJournalAddress } from '../../composition/home-journal-address.js';
import {
  closeWithoutJournal,
  killWithoutJournal,
  type KillWithoutJournalOptions,
} from '../../composition/kill-without-journal.js';
import { KillsMeanwhile, lateOpening, type KillsMeanwhileOptions } from '../../composition/kills-meanwhile.js';
import { liveEngineDeps } from '../../composition/live-engine-deps.js';
import type { TestSeams } from '../../composition/live-sessions.js';

/** Kept back of the time that a stop leaves, for what comes after the last order: events, files, the end. */
const LAST_SHARE = 0.15;

/** Before main ends an engine that takes no kill at its start. */
const OPENING_LATE_MS = 3_000;

/** No restart fixes a journal that is damaged, foreign or missing. */
const UNMENDABLE = ['JOURNAL_FOREIGN', 'JOURNAL_NEWER'];

/** Each second; a kill is repeated when the bot was started again meanwhile. */
const LOOK_EVERY_MS = 1_000;
const LOOKS_PER_KILL = 10;

/** The trading path as a child of main (RUN-1): starts from the journal alone, executes commands, trades, ends on request. */
export async function startEngine(child: Child, testSeams: TestSeams = {}): Promise<ChildBody> {
  const { home, identityParts, versionTag, timeScale, masterKeyFile, feed } = child.init;
  if (identityParts === null) {
    throw configError({
      code: 'HOME_NOT_PROVISIONED',
      message: `${home} has not been set up yet`,
      remedy: 'Set the bot up in the browser first: tradebot run prints the address.',
    });
  }
  const identity = composeBotIdentity(identityParts);
  const wall = new SystemClock();
  const mainPid = process.ppid;
  const { lock } = basePaths(home);
  const engineLock = await lockEngine({ lock, pid: process.pid, clock: wall });
  const ranFor = new RunningStopwatch();
  const journalMeter = new JournalMeter(ranFor);
  const commanded: { engine?: LiveEngine } = {};
  const paths = homePaths(home, identity);
  const address = homeJournalAddress({ storage: paths.storage, clock: wall, masterKeyFile });
  const reserve = new DiskReserve(paths.storage.reserve);
  const onHalt = (): void => reserve.releaseIfFull('halt');
  if (child.init.commands.some(({ command }) => command.kind !== 'start')) onHalt();
  const obeyKill = (error: unknown): Promise<string | undefined> => closedAlone(child, identityParts, error);
  const meanwhile = killsMeanwhile(obeyKill, () => lateOpening(address, paths.storage.journalDb));
  const engine = await LiveEngine.open({
    paths,
    opened: () => meanwhile.end(),
    onHalt,
    identity,
    identityParts,
    versionTag,
    address,
    scale: timeScale,
    processes: { pid: process.pid, parent: mainPid },
    steady: child.steady,
    ...(child.init.flagKey === undefined ? {} : { flagKey: secret(child.init.flagKey) }),
    wrapJournal: (journal) => journalMeter.watch(journal),
    outage: {
      rules: () => outageRulesOf(commanded.engine?.settings),
      changed: (away) => {
        journalMeter.suspend(away !== undefined);
        if (away !== undefined) onHalt();
        commanded.engine?.journalChanged();
      },
    },
    deps: (core, pacer) =>
      liveEngineDeps(core, pacer, {
        ...{ masterKeyFile, feed, testSeams, journalMeter, ranFor, scale: timeScale, steady: child.steady },
        orders: watchOrders(commanded),
      }),
  }).catch(async (error: unknown) => {
    await meanwhile.end();
    if ((await obeyKill(error)) === undefined) await closeAsOrdered(child, identityParts, error);
    throw error;
  });
  commanded.engine = engine;
  child.onCommand((command) => engine.command(command));
  const running = runToEnd(engine, child);
  const speed = timeScale?.speed ?? 1;
  const mainSilentMs = (): number | undefined => child.mainSilentMs();
  const alone = new OrphanEngine(engine, { lock, engineLock, wall, speed, mainPid, mainSilentMs });
  return {
    figures: () => engine.figures(),
    stop: (stop) => goDown(engine, running, stop, speed),
    orphaned: (released) => {
      engine.keepLostJournal();
      return alone.outlive(released, running);
    },
  };
}

/** Obeys a kill while the opening of the journal is late. */
function killsMeanwhile(
  obeyKill: KillsMeanwhileOptions['obeyKill'],
  late: () => TradeBotError | undefined,
): KillsMeanwhile {
  const meanwhile = new KillsMeanwhile({ obeyKill, notice: (line) => void process.stderr.write(`${line}\n`) });
  meanwhile.beginWhenLate(late, OPENING_LATE_MS);
  return meanwhile;
}

/** Runs the engine until it ends; what no restart fixes is the last word of this process. */
function runToEnd(engine: LiveEngine, child: Child): Promise<void> {
  const looking = watchJournal(engine);
  // somebody else owns the bot: nothing is closed, cancelled or written, for all of it is theirs
  const unwatch = watchOwnership(engine.ownership, (error) => child.fatal(error));
  const running = engine.run().finally(() => {
    clearInterval(looking);
    unwatch();
  });
  running.catch((error: unknown) => {
    if (!(error instanceof TradeBotError) || !isFinal(error)) throw error;
    child.fatal(error);
  });
  return running;
}

function isFinal(error: TradeBotError): boolean {
  return UNMENDABLE.includes(error.code) || isJournalDamage(error) || isOwnedElsewhere(error);
}

/** A kill is obeyed without the journal when that cannot be opened or written. */
function closedAlone(child: Child, identityParts: BotIdentityParts, error: unknown): Promise<string | undefined> {
  return killWithoutJournal(error, withoutJournal(child, identityParts));
}

function withoutJournal({ init }: Child, identityParts: BotIdentityParts): KillWithoutJournalOptions {
  const { home, versionTag, masterKeyFile, timeScale: scale } = init;
  const stderr = (line: string): void => void process.stderr.write(line);
  return { home, identityParts, versionTag, masterKeyFile, scale, stderr };
}

/** Main ordered to close everything before this engine was started; what is still open is tried again by the next one. */
async function closeAsOrdered(child: Child, identityParts: BotIdentityParts, error: unknown): Promise<void> {
  const order = child.init.commands.map(({ command }) => command).find(({ kind }) => kind === 'kill');
  if (order?.kind !== 'kill') return;
  const done = await closeWithoutJournal(error, order, withoutJournal(child, identityParts));
  // after an outage an engine still has to carry it out in the journal
  if (done?.flat !== true || !isJournalDamage(error)) return;
  child.onCommand(({ kind }) =>
    Promise.resolve(
      kind === 'kill' ? { ...obeyed(done.line), withoutJournal: true } : refused('the journal cannot be used'),
    ),
  );
}

/** What the watchdog may do with the engine. */
function watchOrders(commanded: { readonly engine?: LiveEngine }): WatchOrders {
  return {
    // an engine that ends before is watched by its successor
    controlledStop: (reason) =>
      void commanded.engine?.command({ kind: 'stop', reason, actor: 'system:watchdog' }).catch(() => undefined),
    // nobody catches it: the process ends, and main starts another one after a while
    freeze: (reason) =>
      void commanded.engine?.lookAtJournal().then((away) => {
        // what is recorded is kept then, and nothing has to end
        if (away === undefined) setImmediate(() => end(frozen(reason)));
      }),
  };
}

function end(error: TradeBotError): never {
  throw error;
}

function frozen(reason: string): TradeBotError {
  return journalError('stop', {
    code: 'JOURNAL_STALLED',
    message: reason,
    remedy: 'Nothing is sent that cannot be recorded; see the disk of the home.',
  });
}

/** The engine looks by itself: main may hang, or be gone. */
function watchJournal(engine: LiveEngine): NodeJS.Timeout {
  let looks = 0;
  const limit = new OutageLimit({
    away: () => engine.journalAway,
    isFlat: () => isFlat(engine.state),
    rules: () => outageRulesOf(engine.settings),
    command: (command) => engine.command(command),
  });
  return setInterval(() => {
    limit.tick();
    const lost = engine.journalFile?.look();
    looks = lost === undefined ? 0 : looks + 1;
    if (lost === undefined || looks % LOOKS_PER_KILL !== 1) return;
    const reason = `the journal is lost: ${lost.message}`;
    engine.command({ kind: 'kill', reason, actor: 'system:watchdog' }).catch(() => undefined);
  }, LOOK_EVERY_MS);
}

async function goDown(engine: LiveEngine, running: Promise<void>, stop: ChildStop, speed: number): Promise<void> {
  if (stop.reason === 'main is gone') engine.keepLostJournal();
  const deadline = engine.deadlineIn(stop.withinMs * (1 - LAST_SHARE), speed);
  if (stop.reason === 'main is gone') void engine.command({ kind: 'handOver', reason: 'main is gone' });
  else await engine.command({ kind: 'shutdown', reason: stop.reason, deadline });
  await running;
}
