import type { Command } from 'commander';
import { sealNow } from '../../../app/audit/seal-journal.js';
import { anchorAfter } from '../../../composition/anchor-after.js';
import { sealKeysOf } from '../../../composition/seal-keys.js';
import { withRuntime, type CliContext, type ExitCode, type GlobalFlags } from '../context.js';
import { refuseDifferentEvidence } from '../evidence.js';
import { masterKeySource } from '../master-key.js';
import { runs } from '../runs.js';

/** `tradebot seal`: signs the head of the journal now (JRN-30), as the end of every session does. */
export function registerSeal(program: Command, context: CliContext): void {
  const command = program.command('seal').description('sign the head of the journal, as proof against rewriting');
  runs(command, (flags: GlobalFlags) => seal(context, flags));
}

async function seal(context: CliContext, flags: GlobalFlags): Promise<ExitCode> {
  const { output } = context;
  return withRuntime<ExitCode>(context, flags, 'seal', async (runtime) => {
    const { sealing, journal, chain, projector, paths } = runtime;
    const keys = sealKeysOf(paths, masterKeySource(context, paths.home));
    await chain.verifyWhole();
    keys.open();
    const { data, made } = await sealNow(sealing, journal);
    const { evidence } = await projector.catchUp();
    const path = paths.sealFile(data.sealId);
    const anchored = await anchorAfter(runtime);
    const publicKey = keys.knownPublicKey() ?? null;
    const more = anchored === undefined ? {} : { anchored };
    output.result({ ok: evidence.length === 0, made, ...data, path, publicKey, ...more });
    output.say(`${made ? 'sealed' : 'already sealed'}: ${data.count} events, head ${data.hash}`);
    output.say(`  ${path}`);
    output.say(`  public key ${publicKey ?? ''} (${paths.output.sealPublicKey})`);
    if (anchored !== undefined) output.say(`  ${anchored}`);
    refuseDifferentEvidence(evidence);
    return 0;
  });
}
