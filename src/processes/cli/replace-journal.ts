import { userInfo } from 'node:os';
import type { OpenedHome } from '../../adapters/home/home.js';
import { processesOf } from '../../adapters/home/running-processes.js';
import { openRuntime } from '../../composition/engine-runtime.js';
import type { JournalAddress } from '../../domain/config/journal-address.js';
import { configError } from '../../kernel/errors.js';
import { programFile } from '../ipc/program-file.js';
import type { CliContext } from './context.js';
import { masterKeySource } from './master-key.js';

/** The lock belongs to main; an engine can outlive its main. Throws HOME_IN_USE. */
export function refuseLiving({ root }: CliContext, home: string): void {
  const programs = (['engine', 'projector', 'web', 'worker'] as const).map((name) => programFile(root, name));
  const living = processesOf(home, programs);
  if (living.length === 0) return;
  throw configError({
    code: 'HOME_IN_USE',
    message: `${home} is in use by processes of an earlier start: ${living.join(', ')}`,
    remedy: 'Stop the bot and wait until they have ended.',
  });
}

/** The operating system account that gives the command. */
export function accountName({ environment }: CliContext): string {
  try {
    return userInfo().username;
  } catch {
    // a user id without a name, as in a container
    return `uid ${environment.userId ?? 'unknown'}`;
  }
}

/** Rebuilds all projections; returns those that failed and why, such as a missing recording of market data. */
export async function rebuildAll(
  context: CliContext,
  { paths, identity, identityParts }: OpenedHome,
  address: JournalAddress,
): Promise<readonly string[]> {
  const masterKey = masterKeySource(context, paths.home);
  const versionTag = context.version;
  const runtime = await openRuntime({ paths, identity, identityParts, versionTag, address, masterKey });
  try {
    const bar = context.output.progress('Rebuilding', 'events');
    const { projections, evidence } = await runtime.projector.rebuild('all', bar.update).finally(bar.stop);
    const stopped = projections.flatMap((one) => (one.stopped === null ? [] : [`${one.name}: ${one.stopped.reason}`]));
    return [...stopped, ...evidence];
  } finally {
    await runtime.close();
  }
}
