import { Command, CommanderError } from 'commander';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SystemClock } from '../../adapters/clock/system-clock.js';
import { passOverSignals } from '../../adapters/signals/signals.js';
import { registerAsOf } from './commands/as-of.js';
import { registerBackup } from './commands/backup.js';
import { registerDay } from './commands/day.js';
import { registerDecisions } from './commands/decisions.js';
import { registerEvents } from './commands/events.js';
import { registerExplain } from './commands/explain.js';
import { registerExport } from './commands/export.js';
import { registerAdjust } from './commands/adjust.js';
import { registerMismatch } from './commands/mismatch.js';
import { registerFloat } from './commands/float.js';
import { registerKeys } from './commands/keys.js';
import { registerCheckProof, registerProof } from './commands/proof.js';
import { registerRebuild } from './commands/rebuild.js';
import { registerReset } from './commands/reset.js';
import { registerRestore } from './commands/restore.js';
import { registerRun } from './commands/run.js';
import { registerSeal } from './commands/seal.js';
import { registerSettings } from './commands/settings.js';
import { registerUsers } from './commands/users.js';
import { registerVerify } from './commands/verify.js';
import { registerWhatIf } from './commands/what-if.js';
import { askOnTerminal } from './ask.js';
import type { CliContext, ExitCode, Register } from './context.js';
import { readEnvironment } from './environment.js';
import { reportError } from './errors.js';
import { Output } from './output.js';
import { terminalLost } from './terminal.js';
import { outcomeOf } from './runs.js';

/** Every command; each has its file in commands/. */
const COMMANDS: readonly Register[] = [
  registerRun,
  registerDay,
  registerVerify,
  registerSeal,
  registerProof,
  registerCheckProof,
  registerEvents,
  registerRebuild,
  registerExport,
  registerFloat,
  registerAdjust,
  registerMismatch,
  registerReset,
  registerBackup,
  registerRestore,
  registerUsers,
  registerKeys,
  registerSettings,
  registerAsOf,
  registerExplain,
  registerDecisions,
  registerWhatIf,
];

export interface CliOptions {
  /** The project's root. */
  readonly root: string;
  /** Version and origin of this Node, for --version. */
  readonly runtime: string;
  /** The parent of this process as it started: setting the program up takes a while, and npm may have ended meanwhile. */
  readonly parentPid: number;
  /** Descriptions of the commands in control.cjs, for the help: they run before this program. */
  readonly controlCommands: Readonly<Record<string, { readonly does: string }>>;
}

/**
 * Runs the command line of this process and returns its exit code.
 * Never throws: a refusal is one line on stderr (one JSON object with --json).
 */
export async function main({ root, runtime, parentPid, controlCommands }: CliOptions): Promise<ExitCode> {
  passOverSignals();
  const args = process.argv.slice(2);
  const output = new Output({ stdout: process.stdout, stderr: process.stderr, json: args.includes('--json') });
  const environment = readEnvironment();
  const context: CliContext = {
    root,
    version: versionOf(root),
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
  const program = programOf(context, { runtime, controlCommands });
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
  for (const register of COMMANDS) register(program, context);
  return program;
}

function versionOf(root: string): string {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly version: string };
  return version;
}
