import type { Command } from 'commander';
import { lockHome } from '../../../adapters/home/home-lock.js';
import type { OpenedHome } from '../../../adapters/home/home.js';
import { EventAppender } from '../../../app/journal/event-appender.js';
import { journalVault } from '../../../app/settings/journal-vault.js';
import { moveJournal } from '../../../composition/move-journal.js';
import { valueIn, withValue } from '../../../domain/config/env-bot.js';
import { isEmbedded, journalAddressOf, type JournalAddress } from '../../../domain/config/journal-address.js';
import { parseSettings } from '../../../domain/config/settings.js';
import { configError } from '../../../kernel/errors.js';
import { secret } from '../../../kernel/secret.js';
import { JOURNAL_LOGIN, type Vault } from '../../../ports/vault.js';
import type { Journal } from '../../../ports/journal.js';
import { existingHome, givenAddress, settle, type CliContext, type ExitCode, type GlobalFlags } from '../context.js';
import { vaultOf } from '../home-vault.js';
import { readPassword } from '../read-password.js';
import { LOCAL_USER, reasonOf } from '../reason-option.js';
import { accountName, rebuildAll, refuseLiving } from '../replace-journal.js';
import { runs } from '../runs.js';
import { timeOfHome } from '../time-of-home.js';

interface MoveFlags extends GlobalFlags {
  readonly to?: string;
  readonly user?: string;
  readonly reason?: string;
}

/**
 * `tradebot journal move --to URL|sqlite:`: brings all events to another journal, proves that they are the same, keeps the
 * earlier journal without further use, and rebuilds everything that is made from it. The bot must be down. A move that was
 * cut off is continued by the same command.
 */
export function registerMove(journal: Command, context: CliContext): void {
  const command = journal
    .command('move')
    .description('move the journal of a stopped bot to a server, to another server, or back into the home')
    .requiredOption('--to <address>', 'a server without user and password, such as esdb://host:2113, or sqlite:')
    .option('--user <name>', 'the user of the server; the password is asked for, or the first line of the input')
    .option('--reason <text>', 'reason, kept in the journal (required)');
  runs(command, (flags: MoveFlags) => move(context, flags));
}

async function move(context: CliContext, flags: MoveFlags): Promise<ExitCode> {
  const { output, clock } = context;
  const reason = reasonOf(flags.reason);
  const home = existingHome(context, flags);
  const { paths, identity } = home;
  const lock = lockHome({
    ...{ paths, command: 'journal move', pid: context.environment.pid, clock },
    why: 'A move takes the journal away from a running bot.',
  });
  const bar = output.progress('Moving', 'events');
  try {
    refuseLiving(context, paths.home);
    settle(context, paths);
    const vault = vaultOf(context, flags);
    const to = await targetOf(context, flags);
    const from = sourceOf(context, vault, to);
    const moved = await moveJournal({
      ...{ paths, identity, clock, from, to, reason, account: accountName(context), pid: context.environment.pid },
      saveAddress: (journal) => saveAddress(context, home, { vault, to, journal, reason }),
      onProgress: bar.update,
    }).finally(bar.stop);
    const stopped = await rebuildAll(context, home, to);
    const { facts, folder, notMarked } = moved;
    const keptIn = isEmbedded(from) ? folder : null;
    output.result({ ok: stopped.length === 0, ...facts, keptIn, notMarked: notMarked ?? null, stopped });
    output.say(`moved ${facts.count} events from ${facts.from} to ${facts.to}`);
    output.say(`  digest of the events alone ${facts.eventsDigest}, the same on both sides`);
    if (keptIn !== null) output.say(`  the earlier journal is kept in ${keptIn}`);
    if (notMarked !== undefined) {
      output.say(`  the earlier journal could not be marked as moved; no bot may use it any more: ${notMarked}`);
    }
    if (vault.generation() === undefined) output.say(`  this home has no settings: ${nextTime(to)}`);
    for (const line of stopped) output.say(`  not rebuilt: ${line}`);
    return stopped.length === 0 ? 0 : 3;
  } finally {
    bar.stop();
    lock.release();
  }
}

function nextTime(to: JournalAddress): string {
  return isEmbedded(to)
    ? 'unset TRADEBOT_JOURNAL_URL for further commands'
    : `further commands need TRADEBOT_JOURNAL_URL=${to.url} (with user and password)`;
}

/** The login is asked for with --user, or that of TRADEBOT_JOURNAL_URL when it names the same server. */
async function targetOf(context: CliContext, { to = '', user }: MoveFlags): Promise<JournalAddress> {
  if (to === '') {
    throw configError({
      code: 'MOVE_NOWHERE',
      message: '--to is empty',
      remedy: 'Give the address of a server, or sqlite: for the file of the home.',
    });
  }
  if (to.includes('@')) {
    throw configError({
      code: 'PASSWORD_IN_ARGUMENT',
      message: '--to has a user or password, which every process of this machine can read',
      remedy: 'Write the address without user:password@, and give --user: the password is asked for.',
    });
  }
  const asked = journalAddressOf(parseSettings({ JOURNAL_URL: to }).JOURNAL_URL);
  if (user !== undefined) return { ...asked, credentials: { user, password: secret(await readPassword('Password')) } };
  const given = givenAddress(context);
  return given?.url === asked.url ? given : asked;
}

/** Where the journal is now: by the settings, else by TRADEBOT_JOURNAL_URL unless that names the target. */
function sourceOf(context: CliContext, vault: Vault, to: JournalAddress): JournalAddress {
  if (vault.generation() !== undefined) return vault.journalAddress();
  const given = givenAddress(context);
  return given === undefined || given.url === to.url ? { url: 'sqlite:' } : given;
}

interface NewAddress {
  readonly vault: Vault;
  readonly to: JournalAddress;
  readonly journal: Journal;
  readonly reason: string;
}

/** The one change of JOURNAL_URL that is allowed: the events are there. A repeated call changes nothing. */
async function saveAddress(context: CliContext, home: OpenedHome, made: NewAddress): Promise<void> {
  const { vault, to, journal, reason } = made;
  if (vault.generation() === undefined) return;
  const text = vault.envBot().reveal();
  if (valueIn(text, 'JOURNAL_URL') !== to.url) {
    const has = valueIn(text, 'JOURNAL_URL') !== undefined;
    const envBot = secret(withValue(has ? text : `${text.trimEnd()}\nJOURNAL_URL=\n`, 'JOURNAL_URL', to.url));
    const login = to.credentials;
    const secrets =
      login === undefined ? {} : { [JOURNAL_LOGIN.user]: secret(login.user), [JOURNAL_LOGIN.password]: login.password };
    vault.rotate({ envBot, secrets: { journal_server: secrets } });
  }
  const clock = await timeOfHome(context, home, journal);
  const appender = new EventAppender({ journal, clock, identity: home.identity, actor: LOCAL_USER });
  await journalVault({ vault, journal, appender, clock }, { actor: LOCAL_USER, reason });
}
