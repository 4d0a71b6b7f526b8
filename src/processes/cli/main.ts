import { Command, CommanderError } from 'commander';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SystemClock } from '../../adapters/clock/system-clock.js';
import { passOverSignals } from '../../adapters/signals/signals.js';
import { askOnTerminal } from './ask.js';
import type { CliContext, ExitCode, OptionFaults, Register } from './context.js';
import { readEnvironment } from './environment.js';
import { reportError } from './errors.js';
import { Output } from './output.js';
import { terminalLost } from './terminal.js';
import { outcomeOf } from './runs.js';

/** Every command by its word. Each is read on its own: all of them would take longer than most of them work. */
const COMMANDS: Readonly<Record<string, () => Promise<Register>>> = {
  run: async () => (await import('./commands/run.js')).registerRun,
  day: async () => (await import('./commands/day.js')).registerDay,
  verify: async () => (await import('./commands/verify.js')).registerVerify,
  seal: async () => (await import('./commands/seal.js')).registerSeal,
  proof: async () => (await import('./commands/proof.js')).registerProof,
  'check-proof': async () => (await import('./commands/proof.js')).registerCheckProof,
  events: async () => (await import('./commands/events.js')).registerEvents,
  'broker-check': async () => (await import('./commands/broker-check.js')).registerBrokerCheck,
  raw: async () => (await import('./commands/raw.js')).registerRaw,
  rebuild: async () => (await import('./commands/rebuild.js')).registerRebuild,
  export: async () => (await import('./commands/export.js')).registerExport,
  float: async () => (await import('./commands/float.js')).registerFloat,
  adjust: async () => (await import('./commands/adjust.js')).registerAdjust,
  mismatch: async () => (await import('./commands/mismatch.js')).registerMismatch,
  confirmations: async () => (await import('./commands/confirmations.js')).registerConfirmations,
  reset: async () => (await import('./commands/reset.js')).registerReset,
  backup: async () => (await import('./commands/backup.js')).registerBackup,
  restore: async () => (await import('./commands/restore.js')).registerRestore,
  journal: async () => (await import('./commands/journal.js')).registerJournal,
  users: async () => (await import('./commands/users.js')).registerUsers,
  keys: async () => (await import('./commands/keys.js')).registerKeys,
  settings: async () => (await import('./commands/settings.js')).registerSettings,
  'as-of': async () => (await import('./commands/as-of.js')).registerAsOf,
  explain: async () => (await import('./commands/explain.js')).registerExplain,
  universe: async () => (await import('./commands/universe.js')).registerUniverse,
  decisions: async () => (await import('./commands/decisions.js')).registerDecisions,
  'new-strategy': async () => (await import('./commands/own-strategies.js')).registerNewStrategy,
  'test-strategy': async () => (await import('./commands/own-strategies.js')).registerTestStrategy,
  strategies: async () => (await import('./commands/own-strategies.js')).registerStrategies,
  tuning: async () => (await import('./commands/tuning.js')).registerTuning,
  'inverse-etfs': async () => (await import('./commands/inverse-etfs.js')).registerInverseEtfs,
  'what-if': async () => (await import('./commands/what-if.js')).registerWhatIf,
};

export interface CliOptions {
  /** The project's root. */
  readonly root: string;
  /** Version and origin of this Node, for --version. */
  readonly runtime: string;
  /** The parent of this process as it started: setting the program up takes a while, and npm may have ended meanwhile. */
  readonly parentPid: number;
  /** Descriptions of the commands in control.cjs, for the help: they run before this program. */
  readonly controlCommands: Readonly<Record<string, { readonly does: string }>>;
  /** The rules of early-options.cjs, which are judged before this program as well. */
  readonly optionFaults: OptionFaults;
}

/**
 * Runs the command line of this process and returns its exit code.
 * Never throws: a refusal is one line on stderr (one JSON object with --json).
 */
export async function main({ root, runtime, parentPid, controlCommands, optionFaults }: CliOptions): Promise<ExitCode> {
  passOverSignals();
  const args = process.argv.slice(2);
  const output = new Output({ stdout: process.stdout, stderr: process.stderr, json: args.includes('--json') });
  const environment = readEnvironment();
  const context: CliContext = {
    root,
    version: versionOf(root),
    optionFaults,
    clock: new SystemClock(),
    environment,
    output,
    ask: output.json ? undefined : askOnTerminal(),
    interrupted: new Promise((resolve) => process.once('SIGINT', resolve)),
    stopAsked: () =>
      new Promise((resolve) => {
        for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => resolve(signal));
      }),
    terminalLost: () => terminalLost({ npmPid: environment.byNpm ? parentPid : undefined, output }),
  };
  const program = programOf(context, { runtime, controlCommands }, await commandsFor(args));
  try {
    await program.parseAsync(args, { from: 'user' });
    return outcomeOf(program);
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    return reportError(error, context);
  }
}

function programOf(
  context: CliContext,
  { runtime, controlCommands }: Pick<CliOptions, 'runtime' | 'controlCommands'>,
  commands: readonly Register[],
): Command {
  const program = new Command('tradebot')
    .description('An event-sourced trading engine whose books are proven from its journal.')
    .version(`${context.version} (${runtime})`)
    .option('--home <dir>', 'the home folder (default: TRADEBOT_HOME, else the folder of the project)')
    .option('--json', 'results and errors as JSON')
    .configureHelp({ showGlobalOptions: true })
    // all usage faults are reported in one place
    .configureOutput({ outputError: () => undefined, ...(context.output.json ? { writeErr: () => undefined } : {}) })
    .exitOverride()
    .addHelpText('after', '\nExit codes: 0 done, 1 refused or bad input, 2 a defect of TradeBot, 3 a check failed.');
  for (const [name, { does }] of Object.entries(controlCommands)) program.command(name).description(does);
  for (const register of commands) register(program, context);
  return program;
}

/** The command that is asked for; all of them for the help, and for a word that is no command. */
async function commandsFor(args: readonly string[]): Promise<readonly Register[]> {
  const word = args.find((arg, at) => !arg.startsWith('-') && args[at - 1] !== '--home') ?? '';
  const asked = Object.hasOwn(COMMANDS, word) ? [COMMANDS[word]] : Object.values(COMMANDS);
  return Promise.all(asked.map((load) => load?.()).filter((register) => register !== undefined));
}

function versionOf(root: string): string {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly version: string };
  return version;
}
