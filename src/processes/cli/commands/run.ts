import type { Command } from 'commander';
import { existsSync } from 'node:fs';
import { checkMasterKey } from '../../../adapters/vault/master-key.js';
import { basePaths, dotEnvOf } from '../../../domain/home/home-paths.js';
import { configError } from '../../../kernel/errors.js';
import { epochMs, SECOND_MS, type EpochMs } from '../../../kernel/time.js';
import { builtPrograms } from '../../main/programs.js';
import type { TerminalPolicy } from '../../main/lost-terminal.js';
import { runMain, type MainUp } from '../../main/run-main.js';
import type { TimeScale } from '../../ipc/messages.js';
import type { WebChoice } from '../../main/web-address.js';
import type { CliContext, ExitCode, GlobalFlags } from '../context.js';
import { readDotEnv, type DotEnv } from '../dot-env.js';
import { dotEnvFor, masterKeyCredential } from '../master-key.js';
import { wholeNumber } from '../numbers.js';
import { absolutePath } from '../paths.js';
import { feedChoiceOf, feedNotes } from '../feed-choice.js';
import { runs } from '../runs.js';

interface RunFlags extends GlobalFlags {
  readonly host?: string;
  readonly port?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly allowPlainRemote?: boolean;
  readonly clockStart?: string;
  readonly clockSpeed?: string;
  readonly feed?: string;
  readonly data?: string;
  readonly symbols?: string;
  readonly vix?: string;
  readonly seed?: string;
  readonly masterKeyFile?: string;
  readonly logLevel?: string;
  readonly terminalLost?: string;
}

const FASTEST = 100_000;

/** `tradebot run`: runs the bot until SIGTERM or Ctrl-C (RUN-1). */
export function registerRun(program: Command, context: CliContext): void {
  const command = program
    .command('run')
    .description('run the bot on its schedule, with a dashboard in the browser; Ctrl-C stops it')
    .option('--host <address>', 'listen address of the pages (default: network_config of the bot, else 127.0.0.1)')
    .option('--port <number>', 'port of the pages; 0 picks a free one (default: network_config of the bot, else 8420)')
    .option('--tls-cert <file>', 'TLS certificate of the pages; needs --tls-key')
    .option('--tls-key <file>', 'private key of the certificate')
    .option('--allow-plain-remote', 'allow an address beyond this machine without TLS')
    .option('--master-key-file <file>', 'master key that encrypts the key files of the home')
    .option('--log-level <level>', 'quiet, info or verbose (default: info)')
    .option('--terminal-lost <policy>', 'when its terminal or npm is gone: end (default) or stay')
    .option('--clock-start <utc>', 'with the simulated broker: start time of its world, such as 2013-10-07T13:00:00Z')
    .option('--clock-speed <factor>', 'with the simulated broker: simulated seconds per real second')
    .option('--feed <name>', 'market of the simulated broker: synthetic (default), lean or csv (recorded days)')
    .option('--data <dir>', 'folder of the recorded days; needs --feed')
    .option('--symbols <list>', 'symbols of the market, such as SPY,AIG (default: those of the set-up)')
    .option('--vix <figure|file>', 'VIX of recorded days: a number, or a CSV of daily closes')
    .option(
      '--seed <n>',
      'seed of the simulated broker and of a synthetic market (default: from the identity of the bot)',
    );
  runs(command, (flags: RunFlags) => run(context, flags));
}

async function run(context: CliContext, flags: RunFlags): Promise<ExitCode> {
  const { environment, output } = context;
  const { home, env } = locationOf(context, flags);
  const timeScale = timeScaleOf(flags, context);
  const feed = feedChoiceOf(flags, context.optionFaults);
  const web = webOf(flags, env);
  const level = levelOf(flags.logLevel ?? 'info');
  const policy = terminalPolicyOf(flags.terminalLost ?? env.TRADEBOT_TERMINAL_LOST);
  const masterKeyFile = masterKeyOf(flags, env, context);
  // recorded days are read only when every option is right
  if (feed !== undefined) for (const line of feedNotes(feed, worldTime(timeScale, context))) output.note(line);
  await runMain({
    home,
    root: context.root,
    version: context.version,
    pid: environment.pid,
    nodeVersion: environment.nodeVersion,
    userId: environment.userId,
    wall: context.clock,
    timeScale,
    feed,
    masterKeyFile,
    web,
    programs: builtPrograms(context.root),
    level,
    service: environment.service,
    notice: (line) => output.note(line),
    onUp: (up) => show(context, up),
    stopAsked: context.stopAsked(),
    terminal: { policy, lost: context.terminalLost() },
  });
  return 0;
}

/** The home, and its `.env` file merged over that of the project. */
function locationOf(context: CliContext, flags: RunFlags): { readonly home: string; readonly env: DotEnv } {
  const ofRoot = readDotEnv(dotEnvOf(context.root));
  const given = flags.home ?? context.environment.home ?? ofRoot.TRADEBOT_HOME ?? context.root;
  const home = absolutePath(given, '--home');
  return { home, env: dotEnvFor(context, home) };
}

function webOf(flags: RunFlags, env: DotEnv): WebChoice {
  const host = (flags.host ?? env.TRADEBOT_HOST)?.trim() ?? null;
  if (host !== null && !/^[A-Za-z0-9.:_-]{1,255}$/.test(host))
    throw bad('--host', host, 'an address or host name of this machine');
  const given = flags.port ?? env.TRADEBOT_PORT;
  const port = given === undefined ? null : wholeNumber('--port', given, { from: 0, to: 65_535 });
  const plain = env.TRADEBOT_ALLOW_PLAIN_REMOTE ?? 'false';
  if (plain !== 'true' && plain !== 'false') throw bad('TRADEBOT_ALLOW_PLAIN_REMOTE', plain, 'true or false');
  return { host, port, tls: tlsOf(flags, env), allowPlainRemote: flags.allowPlainRemote ?? plain === 'true' };
}

function tlsOf(flags: RunFlags, env: DotEnv): WebChoice['tls'] {
  const certFile = flags.tlsCert ?? env.TRADEBOT_TLS_CERT;
  const keyFile = flags.tlsKey ?? env.TRADEBOT_TLS_KEY;
  if (certFile === undefined && keyFile === undefined) return null;
  if (certFile === undefined || keyFile === undefined) {
    throw configError({
      code: 'TLS_INCOMPLETE',
      message: 'TLS needs both a certificate and its key',
      remedy: 'Give --tls-cert and --tls-key, or neither.',
    });
  }
  return { certFile: readable(certFile, '--tls-cert'), keyFile: readable(keyFile, '--tls-key') };
}

/** A systemd credential of that name works like the option (SEC-4). */
function masterKeyOf(flags: RunFlags, env: DotEnv, context: CliContext): string | null {
  const given = flags.masterKeyFile ?? env.TRADEBOT_MASTER_KEY_FILE;
  if (given !== undefined) {
    const file = readable(given, '--master-key-file');
    checkMasterKey(file, context.clock);
    return file;
  }
  return masterKeyCredential(context);
}

function readable(given: string, option: string): string {
  const path = absolutePath(given, option);
  if (existsSync(path)) return path;
  throw configError({
    code: 'FILE_MISSING',
    message: `${option} ${path} does not exist`,
    remedy: 'Correct the path; nothing was started.',
  });
}

function timeScaleOf({ clockStart, clockSpeed }: RunFlags, { clock }: CliContext): TimeScale | null {
  if (clockStart === undefined && clockSpeed === undefined) return null;
  // the time that was given is of the start of this process: what it takes to load would put a fast clock minutes behind its world
  const wallStart = epochMs(Math.round(clock.now() - process.uptime() * SECOND_MS));
  const virtualStart = clockStart === undefined ? wallStart : Date.parse(clockStart);
  if (Number.isNaN(virtualStart) || clockStart?.endsWith('Z') === false) {
    throw bad('--clock-start', clockStart ?? '', 'a UTC time such as 2013-10-07T13:00:00Z');
  }
  const speed = Number(clockSpeed ?? '1');
  if (!(speed > 0 && speed <= FASTEST)) throw bad('--clock-speed', clockSpeed ?? '', `a factor up to ${FASTEST}`);
  return { virtualStart, wallStart, speed };
}

/** The time at which the world starts. */
function worldTime(scale: TimeScale | null, { clock }: CliContext): EpochMs {
  return epochMs(scale?.virtualStart ?? clock.now());
}

function levelOf(text: string): 'quiet' | 'info' | 'verbose' {
  if (text === 'quiet' || text === 'info' || text === 'verbose') return text;
  throw bad('--log-level', text, 'quiet, info or verbose');
}

function terminalPolicyOf(text = 'end'): TerminalPolicy {
  if (text === 'end' || text === 'stay') return text;
  throw bad('--terminal-lost', text, 'end or stay');
}

function bad(option: string, value: string, wanted: string): Error {
  return configError({
    code: 'BAD_OPTION',
    message: `${option} "${value.slice(0, 60)}" is not ${wanted}`,
    remedy: 'Correct the option; nothing was started.',
  });
}

/** Below it is the browser app, which begins with set-up, first account or log-in, whichever is due. */
const APP = '/app/';

/** The only output that shows the set-up token (SEC-6). */
function show({ output, version }: CliContext, up: MainUp): void {
  const { home, state, cause, address, setupToken, fault } = up;
  const registering = state === 'registration';
  const label = setupToken === undefined ? 'pages      ' : registering ? 'register at' : 'set up at  ';
  const page = address === null ? null : `${address}${APP}`;
  output.result({ ok: true, home, state, cause, address, page, setupToken: setupToken?.reveal() ?? null });
  output.say(`TradeBot ${version} runs in ${home} (flags: ${basePaths(home).control.dir}).`);
  output.say(`  state           ${state}`);
  if (cause !== null) output.say(`  cause           ${cause}`);
  if (page === null)
    output.say(
      `  pages           not available: ${fault === null ? 'not started yet' : `${fault.message}. ${fault.remedy}`}`,
    );
  else output.say(`  ${label}     ${page}`);
  if (setupToken !== undefined) output.say(`  one-time token  ${setupToken.reveal()}`);
}
