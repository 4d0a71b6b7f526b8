import type { Command } from 'commander';
import { checkNativeModules } from '../../adapters/native-modules/check-native-modules.js';
import type { ExitCode, GlobalFlags } from './context.js';

const outcomes = new WeakMap<Command, ExitCode>();

/** Binds a command to its action; `work` gets its flags, including the global ones, and its arguments. */
export function runs<Flags extends GlobalFlags>(
  command: Command,
  work: (flags: Flags, args: readonly string[]) => Promise<ExitCode>,
): void {
  command.action(async () => {
    checkNativeModules();
    outcomes.set(rootOf(command), await work(command.optsWithGlobals<Flags>(), command.args));
  });
}

/** Exit code of the command that ran; 0 when none ran (`--help`). */
export function outcomeOf(program: Command): ExitCode {
  return outcomes.get(program) ?? 0;
}

function rootOf(command: Command): Command {
  return command.parent === null ? command : rootOf(command.parent);
}
