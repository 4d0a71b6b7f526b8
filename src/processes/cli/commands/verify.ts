import type { Command } from 'commander';
import { eventsOnlyInCopy } from '../../../adapters/backup/events-only-in-copy.js';
import { readPublicKey } from '../../../adapters/seal-keys/seal-keys.js';
import { sealKeysOf } from '../../../composition/seal-keys.js';
import { verifyHome } from '../../../composition/verify-home.js';
import { existingHome, withJournal, type CliContext, type ExitCode, type GlobalFlags } from '../context.js';
import { masterKeySource } from '../master-key.js';
import { absolutePath } from '../paths.js';
import { runs } from '../runs.js';

interface VerifyFlags extends GlobalFlags {
  readonly seal?: string;
  readonly publicKey?: string;
  readonly against?: string;
}

/**
 * `tradebot verify`: walks the hash chain of the journal and checks it against its seals (JRN-30): the given seal, or all
 * seals of the home. Exit 3, with position and cause, when the journal, a seal or a published export was changed, or when
 * an event could not be applied and nobody has settled it.
 */
export function registerVerify(program: Command, context: CliContext): void {
  const command = program
    .command('verify')
    .description('verify the hash chain of the whole journal and its seals')
    .option('--seal <file>', 'check the journal against this seal (default: all seals in the home)')
    .option('--against <file>', 'show the events of this backup that the journal has lost')
    .option('--public-key <file>', 'trusted public key of the seals (default: the key of the home)');
  runs(command, (flags: VerifyFlags) => verify(context, flags));
}

async function verify(context: CliContext, flags: VerifyFlags): Promise<ExitCode> {
  const { output } = context;
  const home = existingHome(context, flags);
  const keys = sealKeysOf(home.paths, masterKeySource(context, home.paths.home));
  const publicKey = flags.publicKey === undefined ? keys.knownPublicKey() : readPublicKey(flags.publicKey);
  const bar = output.progress('Verifying', 'events');
  const copy = flags.against === undefined ? undefined : absolutePath(flags.against, '--against');
  const { verified, lost } = await withJournal(context, home, async (journal) => ({
    verified: await verifyHome({ home, journal, publicKey, seal: flags.seal, onProgress: bar.update }),
    lost: copy === undefined ? undefined : await eventsOnlyInCopy(journal, copy),
  })).finally(bar.stop);
  const ok = verified.ok && (lost ?? []).length === 0;
  output.result({ ...verified.result, ok, ...(lost === undefined ? {} : { onlyInBackup: lost }) });
  for (const line of verified.lines) output.say(line);
  for (const { stream, revision, type, id } of lost ?? []) {
    output.say(`ONLY IN THE BACKUP: revision ${revision} of stream ${stream}, ${type} ${id}`);
  }
  if (lost?.length === 0) output.say('the journal has every event of the backup');
  return ok ? 0 : 3;
}
