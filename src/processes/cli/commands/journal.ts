import type { Command } from 'commander';
import { FileVault } from '../../../adapters/vault/file-vault.js';
import { saveSecret } from '../../../app/settings/save.js';
import { checkJournal } from '../../../composition/check-journal.js';
import { isEmbedded, journalAddressOf, type JournalAddress } from '../../../domain/config/journal-address.js';
import type { Belonging, Finding } from '../../../domain/journal-check/findings.js';
import { configError } from '../../../kernel/errors.js';
import { composeBotIdentity, identityPartsFrom, type BotIdentity } from '../../../kernel/identity.js';
import { secret } from '../../../kernel/secret.js';
import { JOURNAL_LOGIN } from '../../../ports/vault.js';
import {
  addressOf,
  DEMO_IDENTITY,
  existingHome,
  type CliContext,
  type ExitCode,
  type GlobalFlags,
} from '../context.js';
import { withVault, type VaultFlags } from '../home-vault.js';
import { readPassword } from '../read-password.js';
import { LOCAL_USER, reasonOf } from '../reason-option.js';
import { runs } from '../runs.js';
import { addStreamCommands } from './journal-streams.js';
import { registerMove } from './journal-move.js';
import { registerTakeOver } from './take-over.js';

interface CheckFlags extends GlobalFlags {
  readonly url?: string;
  readonly user?: string;
  readonly identity?: string;
}

/** `tradebot journal check`: what is wrong with the journal server of a home, or with one that a bot shall get (JRN-6). */
export function registerJournal(program: Command, context: CliContext): void {
  const command = program.command('journal').description('the journal on a server');
  const check = command
    .command('check')
    .description('look at the journal server as the bot uses it: network, TLS, rights, a write and a read of its own')
    .option('--url <url>', 'a server without user and password, such as esdb://host:2113 (default: that of the home)')
    .option('--user <name>', 'with --url: the user; the password is asked for, or the first line of the input')
    .option('--identity <codes>', 'with --url: ENTITY_JURISDICTION_BROKER_BOT of a bot that shall be set up');
  runs(check, (flags: CheckFlags) => checkServer(context, flags));
  const login = command
    .command('login')
    .description('give the bot another user or password of its journal server, after they were tried on it')
    .requiredOption('--user <name>', 'the user; the password is asked for, or the first line of the input')
    .option('--reason <text>', 'reason (required)')
    .option('--master-key-file <file>', 'master key of the home (default: as the bot finds it)');
  runs(login, (flags: LoginFlags) => logIn(context, flags));
  addStreamCommands(command, context);
  registerMove(command, context);
  registerTakeOver(command, context);
}

interface LoginFlags extends VaultFlags {
  readonly user: string;
  readonly reason?: string;
}

const LOGIN_ALONE = 'A running bot keeps the user and password that it started with.';

/** The journal is opened with them first: what the server refuses changes nothing. */
async function logIn(context: CliContext, flags: LoginFlags): Promise<ExitCode> {
  const reason = reasonOf(flags.reason);
  const home = existingHome(context, flags);
  const { url } = addressOf(context, home);
  if (isEmbedded({ url })) {
    throw configError({
      code: 'JOURNAL_EMBEDDED',
      message: `the journal of ${home.paths.home} is a file, which has no user and password`,
      remedy: 'Nothing has to be done. Nothing was changed.',
    });
  }
  const password = await readPassword('Password');
  const address = { url, credentials: { user: flags.user, password: secret(password) } };
  const { generation } = await withVault(
    context,
    flags,
    { command: 'journal login', why: LOGIN_ALONE, address },
    (deps) =>
      saveSecret(
        deps,
        'journal_server',
        { [JOURNAL_LOGIN.user]: flags.user, [JOURNAL_LOGIN.password]: password },
        { actor: LOCAL_USER, reason },
      ),
  );
  context.output.result({ ok: true, journal: url, user: flags.user, generation });
  context.output.say(`${url} accepts ${flags.user}: saved, and used from the next start of the bot.`);
  return 0;
}

interface Subject {
  readonly address: JournalAddress;
  readonly identity: BotIdentity;
  readonly belonging: Belonging;
}

async function checkServer(context: CliContext, flags: CheckFlags): Promise<ExitCode> {
  const { output, clock } = context;
  const subject = flags.url === undefined ? ofHome(context, flags) : await given(flags, flags.url);
  if (isEmbedded(subject.address)) {
    output.result({ ok: true, journal: 'sqlite:', findings: [] });
    output.say(
      'The journal is a file of this home; no server has to be checked. tradebot verify checks the journal itself.',
    );
    return 0;
  }
  const { ok, findings } = await checkJournal({ ...subject, clock });
  output.result({ ok, journal: subject.address.url, identity: subject.identity, findings });
  for (const line of findings.flatMap(linesOf)) output.say(line);
  return ok ? 0 : 3;
}

function ofHome(context: CliContext, flags: CheckFlags): Subject {
  const home = existingHome(context, flags);
  const { storage } = home.paths;
  const address = addressOf(context, home);
  const setUp = new FileVault({ paths: storage, clock: context.clock, masterKeyFile: null }).generation() !== undefined;
  return { address, identity: home.identity, belonging: setUp ? 'own home' : 'new home' };
}

async function given({ user, identity }: CheckFlags, url: string): Promise<Subject> {
  if (url.includes('@')) {
    throw configError({
      code: 'PASSWORD_IN_ARGUMENT',
      message: '--url has a user or password, which every process of this machine can read',
      remedy: 'Write the address without user:password@, and give --user: the password is asked for.',
    });
  }
  const { url: address } = journalAddressOf(url);
  return {
    address: {
      url: address,
      ...(user === undefined ? {} : { credentials: { user, password: secret(await readPassword('Password')) } }),
    },
    identity: composeBotIdentity(identity === undefined ? DEMO_IDENTITY : identityPartsFrom(identity)),
    belonging: 'new home',
  };
}

const WIDEST_NAME = 10;
const WIDEST_RESULT = 8;

function linesOf({ name, result, text, remedy }: Finding): readonly string[] {
  const begin = `${name.padEnd(WIDEST_NAME)} ${result.padEnd(WIDEST_RESULT)}`;
  return [`${begin} ${text}`, ...(remedy === '' ? [] : [`${' '.repeat(begin.length)} ${remedy}`])];
}
