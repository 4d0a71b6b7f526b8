import { Argument, type Command } from 'commander';
import type { Draft } from '../../../events/draft.js';
import { STREAMS } from '../../../events/streams.js';
import type { EngineState } from '../../../domain/session/engine-state.js';
import { configError } from '../../../kernel/errors.js';
import { withRuntime, type CliContext, type ExitCode, type GlobalFlags } from '../context.js';
import { LOCAL_USER, reasonOf } from '../reason-option.js';
import { runs } from '../runs.js';

interface ResetFlags extends GlobalFlags {
  readonly reason?: string;
}

const TARGETS = ['kill-switch', 'defense-mode'] as const;
type Target = (typeof TARGETS)[number];

/** `tradebot reset kill-switch|defense-mode`: only a person resets them, with a reason (TRD-41, TRD-42). */
export function registerReset(program: Command, context: CliContext): void {
  const command = program
    .command('reset')
    .description('reset the kill switch or defense mode')
    .addArgument(new Argument('<what>', 'protection to reset').choices(TARGETS))
    .option('--reason <text>', 'reason (required)');
  runs(command, (flags: ResetFlags, [what]) => reset(context, flags, what as Target));
}

async function reset(context: CliContext, flags: ResetFlags, target: Target): Promise<ExitCode> {
  const reason = reasonOf(flags.reason);
  return withRuntime<ExitCode>(context, flags, 'reset', async (runtime) => {
    if (!isSet(runtime.state, target)) {
      throw configError({
        code: 'NOTHING_TO_RESET',
        message: `${target} is not on`,
        remedy: 'Nothing to do.',
      });
    }
    const cause = { correlationId: target, causationId: null };
    const draft: Draft =
      target === 'kill-switch'
        ? { type: 'KillSwitchReset', data: { reason }, ...cause }
        : { type: 'DefenseModeReset', data: { reason }, ...cause };
    await runtime.appender.appendIfUnchanged(STREAMS.risk, [draft], LOCAL_USER);
    await runtime.projector.catchUp();
    context.output.result({ ok: true, reset: target });
    context.output.say(`${target} was reset`);
    return 0;
  });
}

function isSet(state: EngineState, target: Target): boolean {
  return target === 'kill-switch' ? state.killTripped !== undefined : state.defense !== undefined;
}
