import type { CommandOutcome, EngineCommand } from '../../app/live/commands.js';
import { hasEngine, type BotState, type ControlCommand } from '../../domain/lifecycle/bot-state.js';
import type { PlainError } from '../ipc/messages.js';
import { bounded } from './bounded.js';
import type { EngineCommandChannel } from './engine-command-channel.js';
import type { EngineFailurePolicy } from './engine-failure-policy.js';
import type { TestModeRuns } from './test-mode-runs.js';

export interface FlagCommandsDeps {
  readonly state: () => BotState;
  /** Why the journal is not trusted; undefined while it is. */
  readonly untrusted: () => PlainError | undefined;
  readonly channel: Pick<EngineCommandChannel, 'command'>;
  readonly engineFailures: Pick<EngineFailurePolicy, 'resetFailures'>;
  readonly tests: Pick<TestModeRuns, 'interrupt' | 'idle'>;
  /** How long a start may take until its flag counts as handed over. Milliseconds. */
  readonly outcomeMs: number;
}

type Command = Extract<EngineCommand, { kind: ControlCommand }>;

/** What the flags for start, stop and kill do (RUN-15): a halt is sent at once and ends a run of test mode, a start waits for it. */
export class FlagCommands {
  #halts = 0;

  constructor(private readonly deps: FlagCommandsDeps) {}

  async obey(command: Command): Promise<CommandOutcome> {
    const state = this.deps.state();
    if (!hasEngine(state)) return refused(`the bot is not set up yet (${state})`);
    if (command.kind === 'start') return this.#start(command);
    // a halt is open until the journal has it, however long that takes: its flag stays until then
    const sent = this.deps.channel.command(command);
    this.#halts += 1;
    this.deps.tests.interrupt(`a ${command.kind} was asked for`);
    return sent;
  }

  async #start(command: Command): Promise<CommandOutcome> {
    const halts = this.#halts;
    await this.deps.tests.idle();
    if (halts !== this.#halts) return refused('a later stop or kill overrides it');
    const untrusted = this.deps.untrusted();
    if (untrusted !== undefined) return refused(`${untrusted.message}. ${untrusted.remedy}`);
    this.deps.engineFailures.resetFailures();
    const sent = this.deps.channel.command(command);
    return bounded(sent, this.deps.outcomeMs, { outcome: 'obeyed', reason: 'the engine is executing it' });
  }
}

function refused(reason: string): CommandOutcome {
  return { outcome: 'refused', reason };
}
