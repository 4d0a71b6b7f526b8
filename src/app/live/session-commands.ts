import { CLOSING_STATE, isActive, isAtRest, isClosing, type BotState } from '../../domain/lifecycle/bot-state.js';
import { startRefusal } from '../../domain/risk/protections.js';
import { epochMs, type EpochMs } from '../../kernel/time.js';
import { TradeBotError } from '../../kernel/errors.js';
import type { Settings } from '../../domain/config/settings.js';
import type { TradingContext } from '../../trading/context.js';
import type { LiveCalls } from '../execution/broker-calls.js';
import type { EngineAppender } from '../journal/engine-appender.js';
import { changeBotState, keepStopped } from './bot-transitions.js';
import { obeyed, refused, type CommandOutcome, type EngineCommand } from './commands.js';
import { hotChange } from './hot-settings.js';
import type { LiveHooks } from './live-deps.js';
import { changeSupervision } from './change-supervision.js';

/** The one writer of the changes that saved settings make in a session's context. */
export type LiveContext = { -readonly [K in keyof TradingContext]: TradingContext[K] };

/** Earlier than any time of the world. */
const AT_ONCE = epochMs(0);

type Of<K extends EngineCommand['kind']> = Extract<EngineCommand, { kind: K }>;

export interface SessionCommandsParts {
  readonly appender: EngineAppender;
  readonly calls: LiveCalls;
  readonly context: LiveContext;
  readonly settings: () => Settings;
  readonly hooks: LiveHooks;
}

/**
 * The commands to a running session. Each only records its decision: the rules see the state of the bot and do the
 * rest, so that a restart continues with it.
 */
export class SessionCommands {
  /** Time at which a shutdown ends the session, whatever is open then. */
  #leaveAt: EpochMs | undefined;

  constructor(private readonly parts: SessionCommandsParts) {}

  get leaveAt(): EpochMs | undefined {
    return this.#leaveAt;
  }

  obey(command: Exclude<EngineCommand, { kind: 'kill' }>): Promise<CommandOutcome> {
    switch (command.kind) {
      case 'stop':
        return this.stop(command);
      case 'start':
        return this.start(command);
      case 'reload':
        return this.reload();
      case 'shutdown':
        return this.shutdown(command);
      case 'supervision':
        return changeSupervision(this.parts.appender, command);
      case 'handOver':
        this.#leaveAt = AT_ONCE;
        return Promise.resolve(obeyed(command.reason));
    }
  }

  private get botState(): BotState {
    return this.parts.appender.state.botState;
  }

  private async stop({ reason, actor }: Of<'stop'>): Promise<CommandOutcome> {
    const { appender } = this.parts;
    const { leaves } = appender.state;
    if (leaves) await keepStopped(appender, { reason, actor });
    if (leaves || this.botState === CLOSING_STATE.stop) return obeyed('positions are already being closed');
    return changeBotState(appender, CLOSING_STATE.stop, { reason, actor });
  }

  /** stopped or error -> started -> idle when the checks pass; then the rest of the session continues (RUN-27). */
  private async start({ reason, actor }: Of<'start'>): Promise<CommandOutcome> {
    const { appender, hooks, calls } = this.parts;
    if (isAtRest(this.botState)) {
      const why = startRefusal(this.botState, appender.state.killTripped !== undefined);
      if (why !== undefined) return refused(why);
      const failed = ((await hooks.checks?.()) ?? []).filter((check) => !check.ok);
      if (failed.length > 0) {
        const causes = failed.map(({ module, cause, remedy }) => `${module}: ${cause} ${remedy}`);
        return refused(`self-checks failed: ${causes.join('; ')}`);
      }
    }
    const started = await changeBotState(appender, 'started', { reason, actor });
    if (started.outcome === 'refused') return started;
    calls.resume();
    return changeBotState(appender, 'idle', { reason: 'the checks passed' });
  }

  /** Hot keys now, others from the next session; an unreadable configuration changes nothing (RUN-30). */
  private async reload(): Promise<CommandOutcome> {
    const { context, appender } = this.parts;
    let newest: Settings;
    try {
      newest = this.parts.settings();
    } catch (error) {
      if (error instanceof TradeBotError) return refused(error.line);
      throw error;
    }
    const { settings, now, later, faults } = hotChange(context.settings, newest);
    if (faults.length > 0) return refused(`not during this session: ${faults.join('; ')}`);
    if (now.length > 0) {
      // The rules return it to its previous state.
      if (isActive(this.botState)) await changeBotState(appender, 'updating', { reason: `now: ${now.join(', ')}` });
      context.settings = settings;
      context.strategyContext = { ...context.strategyContext, settings };
    }
    const words = (keys: readonly string[]): string => (keys.length === 0 ? 'nothing' : keys.join(', '));
    return obeyed(`in force now: ${words(now)}; from the next session: ${words(later)}`);
  }

  private async shutdown({ reason, deadline }: Of<'shutdown'>): Promise<CommandOutcome> {
    this.#leaveAt = deadline;
    if (isAtRest(this.botState) || isClosing(this.botState)) {
      return obeyed(`shutting down from ${this.botState}`);
    }
    return changeBotState(this.parts.appender, CLOSING_STATE.stop, { reason, resumes: true });
  }
}
