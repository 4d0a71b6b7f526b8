import type { Command } from 'commander';
import { sealNow } from '../../../app/audit/seal-journal.js';
import type { SealFacts } from '../../../app/book-tasks/task-facts.js';
import { anchorAfter } from '../../../composition/anchor-after.js';
import { sealKeysOf } from '../../../composition/seal-keys.js';
import { existingHome, withRuntime, type CliContext, type ExitCode, type GlobalFlags } from '../context.js';
import { refuseDifferentEvidence } from '../evidence.js';
import { masterKeySource } from '../master-key.js';
import { askBooks } from '../running-books.js';
import { runs } from '../runs.js';

/** `tradebot seal`: signs the head of the journal now (JRN-30), as the end of every session does. */
export function registerSeal(program: Command, context: CliContext): void {
  const command = program
    .command('seal')
    .description('sign the head of the journal, as proof against rewriting, whether the bot runs or not');
  runs(command, (flags: GlobalFlags) => seal(context, flags));
}

async function seal(context: CliContext, flags: GlobalFlags): Promise<ExitCode> {
  const { output } = context;
  const made = await askBooks<SealFacts>(context, flags, {
    task: { kind: 'seal' },
    here: () => sealHere(context, flags),
  });
  const { evidence = [], ...facts } = made;
  const { paths } = existingHome(context, flags);
  output.result(facts);
  output.say(`${facts.made ? 'sealed' : 'already sealed'}: ${facts.count} events, head ${facts.hash}`);
  output.say(`  ${facts.path}`);
  output.say(`  public key ${facts.publicKey ?? ''} (${paths.output.sealPublicKey})`);
  if (facts.anchored !== undefined) output.say(`  ${facts.anchored}`);
  refuseDifferentEvidence(evidence);
  return 0;
}

function sealHere(context: CliContext, flags: GlobalFlags): Promise<SealFacts> {
  return withRuntime(context, flags, 'seal', async (runtime) => {
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
    return { ok: evidence.length === 0, made, ...data, path, publicKey, ...more, evidence };
  });
}
