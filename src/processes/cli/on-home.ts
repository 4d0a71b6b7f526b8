import { existsSync } from 'node:fs';
import { lockHome } from '../../adapters/home/home-lock.js';
import { dataError } from '../../kernel/errors.js';
import { openRuntime, type EngineRuntime } from '../engine/engine-runtime.js';
import { existingHome, workingHome, type CliContext, type ExitCode, type GlobalFlags } from './context.js';

/**
 * Runs `work` on a home that has traded, alone on it, with everything open and the clock at its last event. Folders
 * that somebody deleted are made again first.
 */
export async function onHome(
  context: CliContext,
  flags: GlobalFlags,
  command: string,
  work: (runtime: EngineRuntime) => Promise<ExitCode>,
): Promise<ExitCode> {
  const found = existingHome(context, flags);
  if (!existsSync(found.paths.storage.journalDb)) {
    throw dataError({
      code: 'JOURNAL_MISSING',
      message: `${found.paths.home} has no journal (${found.paths.storage.journalDb} is not there)`,
      remedy: 'Trade a day first (tradebot day), or restore the journal from a backup.',
    });
  }
  const { paths, identity, identityParts } = workingHome(context, flags, undefined);
  const lock = lockHome({ paths, command, pid: context.environment.pid, clock: context.clock });
  try {
    const runtime = await openRuntime({ paths, identity, identityParts, versionTag: context.version });
    try {
      runtime.toLastEvent();
      return await work(runtime);
    } finally {
      await runtime.close();
    }
  } finally {
    lock.release();
  }
}
