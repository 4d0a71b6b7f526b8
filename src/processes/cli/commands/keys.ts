import { Argument, type Command } from 'commander';
import { lockHome } from '../../../adapters/home/home-lock.js';
import { FileVault } from '../../../adapters/vault/file-vault.js';
import { vaultMissing } from '../../../adapters/vault/vault-errors.js';
import { EventAppender } from '../../../app/journal/event-appender.js';
import type { Change } from '../../../app/settings/journal-vault.js';
import { destroyEarlier, removeMasterKey, rotateKeys, type Saved, type SaveDeps } from '../../../app/settings/save.js';
import type { KeyAction } from '../../ipc/local-request.js';
import {
  existingHome,
  settle,
  withProvenJournal,
  type CliContext,
  type ExitCode,
  type GlobalFlags,
} from '../context.js';
import { masterKeySource } from '../master-key.js';
import { absolutePath } from '../paths.js';
import { LOCAL_USER, reasonOf } from '../reason-option.js';
import { operate } from '../running-bot.js';
import { runs } from '../runs.js';

interface KeysFlags extends GlobalFlags {
  readonly reason?: string;
  readonly masterKeyFile?: string;
}

const ACTIONS = ['status', 'rotate', 'destroy-earlier', 'unwrap'] as const;
type Action = (typeof ACTIONS)[number];
type Work = (deps: SaveDeps, change: Change) => Promise<Saved>;

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
    ? here(context, flags, reason, removeMasterKey)
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
    here: () => here(context, flags, reason, action === 'rotate' ? rotateKeys : destroyEarlier),
  });
}

/** In a home in which no bot runs. */
async function here(context: CliContext, flags: KeysFlags, reason: string, work: Work): Promise<Saved> {
  const home = existingHome(context, flags);
  const { environment, clock, version: versionTag } = context;
  const lock = lockHome({ paths: home.paths, command: 'keys', pid: environment.pid, clock });
  try {
    settle(context, home.paths);
    return await withProvenJournal(context, home, async (journal) => {
      const vault = vaultOf(context, flags);
      vault.tidy();
      const appender = new EventAppender({ journal, clock, identity: home.identity, actor: LOCAL_USER });
      return work({ vault, journal, appender, clock, versionTag }, { actor: LOCAL_USER, reason });
    });
  } finally {
    lock.release();
  }
}

function vaultOf(context: CliContext, flags: KeysFlags): FileVault {
  const { paths } = existingHome(context, flags);
  const given = flags.masterKeyFile;
  const masterKeyFile =
    given === undefined ? masterKeySource(context, paths.home).file() : absolutePath(given, '--master-key-file');
  return new FileVault({ paths: paths.storage, clock: context.clock, masterKeyFile });
}

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
