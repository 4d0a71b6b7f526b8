import { homePaths } from '../../kernel/home-paths.js';
import { composeBotIdentity } from '../../kernel/identity.js';
import { configError, TradeBotError } from '../../kernel/errors.js';
import type { Child, ChildBody, ChildStop } from '../ipc/child.js';
import { LiveEngine } from './live-engine.js';
import { liveParts } from './live-parts.js';
import type { Disturbances } from './live-sessions.js';

/** Kept back of the time that a stop leaves, for what comes after the last order: events, files, the end. */
const LAST_SHARE = 0.15;

/** No restart mends a journal that is damaged, foreign or gone. */
const UNMENDABLE = ['JOURNAL_CORRUPT', 'JOURNAL_FOREIGN', 'JOURNAL_NEWER', 'JOURNAL_EMPTIED'];

/** The trading path as a child of main (RUN-1): boots from the journal alone, obeys, trades, ends when told. */
export async function startEngine(child: Child, disturbances: Disturbances = {}): Promise<ChildBody> {
  const { home, identityParts, versionTag, timeScale, commands, masterKeyFile } = child.init;
  if (identityParts === null) {
    throw configError({
      code: 'HOME_NOT_PROVISIONED',
      message: `${home} has not been set up yet`,
      remedy: 'Set the bot up in the browser first: tradebot run prints the address.',
    });
  }
  const identity = composeBotIdentity(identityParts);
  const engine = await LiveEngine.open({
    paths: homePaths(home, identity),
    identity,
    identityParts,
    versionTag,
    scale: timeScale,
    parts: (core, pacer) => liveParts(core, pacer, { masterKeyFile, disturbances }),
  });
  for (const command of commands) void engine.command(command);
  child.onCommand(engine.command);
  const running = engine.run();
  running.catch((error: unknown) => {
    if (!(error instanceof TradeBotError) || !UNMENDABLE.includes(error.code)) throw error;
    child.fatal(error);
  });
  return {
    figures: () => engine.figures(),
    stop: (stop) => goDown(engine, running, stop, timeScale?.speed ?? 1),
  };
}

async function goDown(engine: LiveEngine, running: Promise<void>, stop: ChildStop, speed: number): Promise<void> {
  const deadline = engine.deadlineIn(stop.withinMs * (1 - LAST_SHARE), speed);
  await engine.command({ kind: 'shutdown', reason: stop.reason, deadline });
  await running;
}
