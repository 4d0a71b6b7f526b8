import { Argument, type Command } from 'commander';
import { vaultMissing } from '../../../adapters/vault/vault-errors.js';
import type { Change } from '../../../app/settings/journal-vault.js';
import { destroyEarlier, removeMasterKey, rotateKeys, type Saved } from '../../../app/settings/save.js';
import type { KeyAction } from '../../ipc/local-request.js';
import { existingHome, type CliContext, type ExitCode, type GlobalFlags } from '../context.js';
import { vaultOf, withVault } from '../home-vault.js';
import { LOCAL_USER, reasonOf } from '../reason-option.js';
import { operate } from '../running-bot.js';
import { runs } from '../runs.js';

interface KeysFlags extends GlobalFlags {
  readonly reason?: string;
  readonly masterKeyFile?: string;
}

const ACTIONS = ['status', 'rotate', 'destroy-earlier', 'unwrap'] as const;
type Action = (typeof ACTIONS)[number];

/**
 * `tradebot keys status|rotate|destroy-earlier|unwrap`: the keys of the vault (SEC-3, SEC-4). `unwrap` takes the master key
 * away and needs the bot to be down: a bot that runs with a master key wraps again.
 */
export function registerKeys(program: Command, context: CliContext): void {
  const command = program
    .command('keys')
    .description('show or rotate the keys of the secrets, destroy earlier ones, or take the master key away')
    .addArgument(new Argument('<what>', 'what to do').choices(ACTIONS))
    .option('--reason <text>', 'reason (required unless status is asked for)')
    .option('--master-key-file <file>', 'master key of the home (default: as the bot finds it)');
  runs(command, (flags: KeysFlags, [what]) => keys(context, flags, what as Action));
}

async function keys(context: CliContext, flags: KeysFlags, action: Action): Promise<ExitCode> {
  if (action === 'status') return status(context, flags);
  const reason = reasonOf(flags.reason);
  const { generation } = await (action === 'unwrap'
    ? withVault(context, flags, { command: 'keys unwrap', why: UNWRAP_ALONE }, (deps) =>
        removeMasterKey(deps, byOwner(reason)),
      )
    : changed(context, flags, action, reason));
  const { earlier, masterKey } = factsOf(context, flags);
  context.output.result({ ok: true, [action]: true, generation, earlier, masterKey });
  context.output.say(`generation ${generation} is in use. ${factsText(earlier, masterKey)}`);
  if (action === 'unwrap') {
    context.output.say(
      'Start the bot without --master-key-file, or with another one: it wraps with the one that is given.',
    );
  }
  return 0;
}

function changed(context: CliContext, flags: KeysFlags, action: KeyAction, reason: string): Promise<Saved> {
  return operate(context, flags, {
    request: { ask: 'keys', request: { action, reason } },
    here: () =>
      withVault(context, flags, { command: 'keys' }, (deps) =>
        (action === 'rotate' ? rotateKeys : destroyEarlier)(deps, byOwner(reason)),
      ),
  });
}

const UNWRAP_ALONE = 'A bot that runs with a master key wraps the keys again.';

const byOwner = (reason: string): Change => ({ actor: LOCAL_USER, reason });

interface Facts {
  readonly generation: number;
  readonly earlier: readonly number[];
  readonly masterKey: boolean;
}

/** Throws VAULT_MISSING. Nothing is decrypted. */
function factsOf(context: CliContext, flags: KeysFlags): Facts {
  const vault = vaultOf(context, flags);
  const generation = vault.generation();
  if (generation === undefined) throw vaultMissing(existingHome(context, flags).paths.storage.vaultCurrent);
  return { generation, earlier: vault.earlier(), masterKey: vault.hasMasterKey };
}

function factsText(earlier: readonly number[], masterKey: boolean): string {
  const kept = earlier.length === 0 ? 'No earlier one is kept' : `Kept encrypted: ${earlier.join(', ')}`;
  return `${kept}. ${masterKey ? 'A master key wraps all keys' : 'No master key: the keys are stored next to the secrets'}.`;
}

function status(context: CliContext, flags: KeysFlags): ExitCode {
  const facts = factsOf(context, flags);
  context.output.result({ ok: true, ...facts });
  context.output.say(`generation ${facts.generation} is in use. ${factsText(facts.earlier, facts.masterKey)}`);
  return 0;
}
