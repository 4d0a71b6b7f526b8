import { MINUTE_MS, type EpochMs } from '../../kernel/time.js';
import { BOT_STATES, isActive, isClosing, type BotState } from '../lifecycle/bot-state.js';
import type { Condition, Severity } from './condition.js';

/** Whether an engine works for the bot; `unknown` in a home that no bot has run in. */
export type EngineLife = 'alive' | 'absent' | 'unknown';

/** What the table looks at: the journal's facts at a time, and whether an engine lives then. */
export interface StandingFacts {
  readonly at: EpochMs;
  readonly botState: BotState;
  /** Why the bot is in its state. */
  readonly stateReason: string;
  /** When it came into its state; undefined when that is not known. */
  readonly stateSince: EpochMs | undefined;
  /** Symbols of the bot's open positions, sorted. */
  readonly openPositions: readonly string[];
  readonly engine: EngineLife;
  /** Why no engine lives; empty when one does. */
  readonly engineReason: string;
  /** Whether the exchange and the trading hours of the settings are open now. */
  readonly sessionOpen: boolean;
}

/** One row: when it is the case, how bad it is, what it says and what a person can do. */
interface Row {
  readonly code: string;
  /** Undefined when it is not the case. */
  readonly severity: (facts: StandingFacts) => Severity | undefined;
  readonly text: (facts: StandingFacts) => string;
  readonly remedy: (facts: StandingFacts) => string;
}

/** A closing in an open session that has lasted this long needs a look, and then a person. */
const SLOW_CLOSING_MS = MINUTE_MS;
const STUCK_CLOSING_MS = 5 * MINUTE_MS;

const BY_HAND = 'Close them by a kill, or at the broker.';

/** Whether an engine holds the positions by stops and exits, or closes them. */
function isManaged({ engine, botState }: StandingFacts): boolean {
  return engine !== 'absent' && (isActive(botState) || isClosing(botState) || botState === 'started');
}

function stateText({ botState }: StandingFacts): string {
  return botState.replaceAll('_', ' ');
}

function because(reason: string): string {
  return reason === '' ? '' : `: ${reason}`;
}

function closingFor({ at, stateSince }: StandingFacts): number {
  return stateSince === undefined ? 0 : at - stateSince;
}

/**
 * The table of what must not go unseen (OUT-5): positions that nobody manages, and a bot that should trade and does not. Of
 * the rows that depend on the time or on a living engine; the order is that of the list in `overall`.
 */
const STANDING_ROWS: readonly Row[] = [
  {
    code: 'BOT_IN_ERROR',
    severity: ({ botState }) => (botState === 'error' ? 'Critical' : undefined),
    text: ({ stateReason }) => `the bot is in state error${because(stateReason)}`,
    remedy: () => 'Fix the cause, then start the bot.',
  },
  {
    code: 'POSITIONS_UNMANAGED',
    severity: (facts) => (facts.openPositions.length > 0 && !isManaged(facts) ? 'Critical' : undefined),
    text: (facts) => {
      const who =
        facts.engine === 'absent'
          ? `no engine runs${because(facts.engineReason)}`
          : `the bot is in state ${stateText(facts)}`;
      return `nobody manages the open positions ${facts.openPositions.join(', ')} (${who})`;
    },
    remedy: ({ engine }) =>
      engine === 'absent' ? `${BY_HAND} A start begins with a new engine.` : `${BY_HAND} Or start the bot.`,
  },
  {
    code: 'ENGINE_ABSENT',
    severity: (facts) =>
      facts.engine === 'absent' && facts.openPositions.length === 0 && facts.sessionOpen && shouldTrade(facts)
        ? 'Critical'
        : undefined,
    text: ({ engineReason }) => `nothing is traded in an open session: no engine runs${because(engineReason)}`,
    remedy: () => 'Fix the cause, then start the bot.',
  },
  {
    code: 'HALTED_IN_SESSION',
    severity: ({ sessionOpen, botState }) =>
      sessionOpen && (botState === 'stopped' || BOT_STATES[botState].stage === 'goingDown') ? 'Warning' : undefined,
    text: (facts) =>
      `nothing is traded in an open session: the bot is in state ${stateText(facts)}${because(facts.stateReason)}`,
    remedy: () => 'Start the bot when it is to trade again.',
  },
  {
    code: 'NOT_READY_IN_SESSION',
    severity: ({ sessionOpen, botState }) => (sessionOpen && botState === 'started' ? 'Warning' : undefined),
    text: () => 'nothing is traded in an open session: the bot is checking its parts',
    remedy: () => 'Wait; a check that fails is shown with its remedy.',
  },
  {
    code: 'CLOSING_IN_SESSION',
    severity: (facts) => {
      if (!facts.sessionOpen || !isClosing(facts.botState)) return undefined;
      return closingFor(facts) >= STUCK_CLOSING_MS ? 'Critical' : 'Warning';
    },
    text: (facts) => {
      const left = facts.openPositions.length === 0 ? 'its orders' : facts.openPositions.join(', ');
      if (closingFor(facts) < SLOW_CLOSING_MS) return `the bot is closing ${left}; nothing is entered`;
      const minutes = Math.floor(closingFor(facts) / MINUTE_MS);
      return `closing does not advance: still open after ${minutes} minutes: ${left}`;
    },
    remedy: (facts) =>
      closingFor(facts) < SLOW_CLOSING_MS
        ? 'Wait until it is stopped.'
        : 'See the last orders and errors; close at the broker if need be.',
  },
  {
    code: 'CLOSING_WAITS',
    severity: (facts) =>
      !facts.sessionOpen && isClosing(facts.botState) && facts.openPositions.length > 0 && facts.engine !== 'absent'
        ? 'Warning'
        : undefined,
    text: ({ openPositions }) => `the market is closed, to be closed at the next open: ${openPositions.join(', ')}`,
    remedy: () => 'Leave the bot running until the next open.',
  },
];

/** Whether a person expects trades of a bot in this state. */
function shouldTrade({ botState }: StandingFacts): boolean {
  return isActive(botState) || botState === 'started';
}

/** The codes of the table. */
export const STANDING_CODES: readonly string[] = STANDING_ROWS.map(({ code }) => code);

/** The rows that are the case. */
export function standingConditions(facts: StandingFacts): readonly Condition[] {
  return STANDING_ROWS.flatMap((row) => {
    const severity = row.severity(facts);
    if (severity === undefined) return [];
    return [{ code: row.code, severity, text: row.text(facts), remedy: row.remedy(facts) }];
  });
}
