import { Argument, type Command } from 'commander';
import { openSessionDate } from '../../../app/journal/open-session.js';
import { journalVault } from '../../../app/settings/journal-vault.js';
import { storedSettings } from '../../../app/settings/load-settings.js';
import { recordedOwnStrategies } from '../../../app/settings/own-strategies.js';
import { saveSettings, type Saved } from '../../../app/settings/save.js';
import { JournalPages } from '../../../app/web-queries/journal-pages.js';
import type { PendingSetting } from '../../../domain/config/pending-settings.js';
import { HIDDEN } from '../../../domain/config/settings.js';
import { settingsPage, type SettingView } from '../../../domain/config/settings-page.js';
import { configError } from '../../../kernel/errors.js';
import type { SettingsRequest } from '../../ipc/local-request.js';
import { assignmentsOf } from '../assignments.js';
import { existingHome, withProvenJournal, type CliContext, type ExitCode, type GlobalFlags } from '../context.js';
import { vaultOf, withVault } from '../home-vault.js';
import { wholeNumber } from '../numbers.js';
import { LOCAL_USER, reasonOf } from '../reason-option.js';
import { operate } from '../running-bot.js';
import { runs } from '../runs.js';
import { timeOfHome } from '../time-of-home.js';

interface SettingsFlags extends GlobalFlags {
  readonly reason?: string;
  readonly confirmNoTrading?: boolean;
  readonly limit: string;
  readonly masterKeyFile?: string;
}

const ACTIONS = ['get', 'set', 'withdraw', 'history'] as const;
type Action = (typeof ACTIONS)[number];
const NO_REASON = 'command line';

/** One setting as the command shows it; a secret is `***`. */
interface Shown {
  readonly key: string;
  readonly value: string;
  readonly takesEffect: boolean;
  /** The value that waits for the next session; null when none does. */
  readonly pending: {
    readonly value: string;
    readonly since: string;
    readonly by: string;
    readonly reason: string;
  } | null;
}

/**
 * `tradebot settings get|set|withdraw|history`: the settings of a home, whether its bot runs or not (RUN-30). While a session
 * is open, a cold setting waits for the next one.
 */
export function registerSettings(program: Command, context: CliContext): void {
  const command = program
    .command('settings')
    .description('show and change the settings, whether the bot runs or not; withdraw changes that wait for a session')
    .addArgument(new Argument('<what>', 'what to do').choices(ACTIONS))
    .argument('[items...]', 'get: keys, or none for all; set: KEY=VALUE; withdraw: keys')
    .option('--reason <text>', 'reason; kept in the journal')
    .option('--confirm-no-trading', 'no strategy can trade with these settings, and that is meant')
    .option('--limit <count>', 'history: how many changes, newest first', '20')
    .option('--master-key-file <file>', 'master key of the home (default: as the bot finds it)');
  runs(command, (flags: SettingsFlags, [what, ...items]) => settings(context, flags, what as Action, items));
}

function settings(
  context: CliContext,
  flags: SettingsFlags,
  action: Action,
  items: readonly string[],
): Promise<ExitCode> {
  switch (action) {
    case 'get':
      return get(context, flags, items);
    case 'history':
      return history(context, flags);
    case 'set':
      return change(context, flags, { changes: assignmentsOf(given(items, 'KEY=VALUE'), ''), withdraw: [] });
    case 'withdraw':
      return change(context, flags, { changes: {}, withdraw: given(items, 'KEY') });
  }
}

function given(items: readonly string[], form: string): readonly string[] {
  if (items.length > 0) return items;
  throw configError({
    code: 'SETTING_MISSING',
    message: 'no setting is named',
    remedy: `Name at least one: ${form}. All keys: tradebot settings get`,
  });
}

async function get(context: CliContext, flags: SettingsFlags, keys: readonly string[]): Promise<ExitCode> {
  const all = await shownSettings(context, flags);
  const unknown = keys.filter((key) => !all.some((one) => one.key === key));
  if (unknown.length > 0) throw unknownSettings(unknown);
  const wanted = keys.length === 0 ? all : all.filter(({ key }) => keys.includes(key));
  context.output.result({ ok: true, settings: wanted });
  for (const one of wanted) context.output.say(lineOf(one));
  return 0;
}

async function change(
  context: CliContext,
  flags: SettingsFlags,
  asked: Pick<SettingsRequest, 'changes' | 'withdraw'>,
): Promise<ExitCode> {
  refuseSecrets(Object.keys(asked.changes));
  const { confirmNoTrading = false } = flags;
  const reason = flags.reason === undefined ? NO_REASON : reasonOf(flags.reason);
  const request = { ...asked, confirmNoTrading, reason };
  const { changed } = await operate(context, flags, {
    request: { ask: 'settings', request },
    here: () => saveHere(context, flags, request),
  });
  const now = (await shownSettings(context, flags)).filter(({ key }) => changed.includes(key));
  context.output.result({ ok: true, changed, settings: now });
  if (changed.length === 0) context.output.say('nothing to change: the settings have these values already');
  for (const one of now) context.output.say(lineOf(one));
  return 0;
}

/** In a home in which no bot runs. What an interrupted save left is recorded first, as a worker does. */
function saveHere(context: CliContext, flags: SettingsFlags, { reason, ...asked }: SettingsRequest): Promise<Saved> {
  return withVault(context, flags, { command: 'settings' }, async (deps) => {
    await journalVault(deps, {
      actor: 'system:worker',
      reason: 'found changed: a save was interrupted before it was recorded',
    });
    return saveSettings(deps, asked, { actor: LOCAL_USER, reason });
  });
}

async function shownSettings(context: CliContext, flags: SettingsFlags): Promise<readonly Shown[]> {
  const home = existingHome(context, flags);
  const { open, own } = await withProvenJournal(context, home, async (journal) => ({
    open: await openSessionDate(journal, await timeOfHome(context, home, journal)),
    own: await recordedOwnStrategies(journal),
  }));
  const { texts, pending } = storedSettings(vaultOf(context, flags), open);
  return settingsPage(texts, own).map((one) =>
    shown(
      one,
      pending.find(({ key }) => key === one.key),
    ),
  );
}

function shown({ key, value, takesEffect, secret }: SettingView, pending: PendingSetting | undefined): Shown {
  if (pending === undefined) return { key, value, takesEffect, pending: null };
  const { since, actor: by, reason } = pending;
  return { key, value, takesEffect, pending: { value: secret ? HIDDEN : pending.value, since, by, reason } };
}

function lineOf({ key, value, takesEffect, pending }: Shown): string {
  const note = takesEffect ? '' : ' (no effect in this version)';
  const later =
    pending === null
      ? ''
      : `; ${pending.value} from the next session (${pending.by}, ${pending.since}: ${pending.reason})`;
  return `${key}=${value}${note}${later}`;
}

async function history(context: CliContext, flags: SettingsFlags): Promise<ExitCode> {
  const home = existingHome(context, flags);
  const limit = wholeNumber('--limit', flags.limit, { from: 1, to: 1_000 });
  const { items } = await withProvenJournal(context, home, (journal) =>
    new JournalPages(journal).configHistory({ limit }),
  );
  context.output.result({ ok: true, items });
  for (const { at, actor, status, reason, changes } of items) {
    const texts = changes.map(({ key, from, to }) => `${key} ${from ?? HIDDEN} -> ${to ?? HIDDEN}`);
    context.output.say(`${at} ${actor}, ${status}: ${texts.join(', ')} (${reason})`);
  }
  if (items.length === 0) context.output.say('no change of settings yet');
  return 0;
}

/** What a command line carries is seen by every user of the machine, and kept by shells. */
function refuseSecrets(keys: readonly string[]): void {
  const secret = settingsPage({}).filter((one) => one.secret && keys.includes(one.key));
  if (secret.length === 0) return;
  throw configError({
    code: 'SETTING_SECRET',
    message: `${secret.map(({ key }) => key).join(', ')} may hold a password, which a command line would show to others`,
    remedy: 'Change it on the settings page. Nothing was changed.',
  });
}

function unknownSettings(keys: readonly string[]): Error {
  return configError({
    code: 'SETTING_UNKNOWN',
    message: `no setting of this version: ${keys.map((key) => key.slice(0, 80)).join(', ')}`,
    remedy: 'List all keys with: tradebot settings get',
  });
}
