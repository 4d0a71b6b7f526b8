import type { EventData } from '../../events/event.js';
import type { Draft } from '../../events/draft.js';
import { STREAMS } from '../../events/streams.js';
import type { SignalRun, StrategyRun } from '../../domain/session/session-run.js';
import type { Decimal } from '../../kernel/decimal.js';
import { MINUTE_MS, parseUtcText, plusMs, SECOND_MS, toUtcText, type EpochMs } from '../../kernel/time.js';
import { record, type Action } from '../action.js';
import type { TradingContext } from '../context.js';
import type { StrategyStep } from '../lifecycle/strategy-step.js';
import type { TradedCandidate } from './entry-candidate.js';
import { rejectedCandidate } from './rejected-candidate.js';

/** A confirmed entry is sent within this time, or asked for no more: the person saw another market. */
const VALID_MS = 2 * MINUTE_MS;

type Outcome = EventData<'EntryConfirmationDecided'>['outcome'];

/** What a person decides about an entry that waits. */
export type ConfirmationTake = Extract<Outcome, 'confirmed' | 'refused'>;

/**
 * Whether the entry may be sent (TRD-53): `go`, or what is recorded next; undefined while it waits for a person. The caller has
 * passed every check just now, so a confirmed entry is judged at the price of its sending, not of its request.
 */
export function awaitConfirmation(
  context: TradingContext,
  at: TradedCandidate,
  size: { readonly quantity: Decimal; readonly price: Decimal },
): 'go' | Action | undefined {
  const { settings } = context;
  const { reported, step } = at;
  if (!settings.TRADE_CONFIRMATION_REQUIRED || context.asksPerson !== true) return 'go';
  const { confirmation } = reported;
  if (confirmation === undefined) return request(context, at, size);
  if (confirmation.outcome === undefined) return undefined;
  if (confirmation.outcome === 'confirmed' && step.now < plusMs(parseUtcText(confirmation.decidedAt), VALID_MS)) {
    return 'go';
  }
  const code = confirmation.outcome === 'refused' ? 'CONFIRMATION_REFUSED' : 'CONFIRMATION_EXPIRED';
  const { candidate, fallbackLevel } = at;
  return record(
    STREAMS.strategy(step.strategy.name, context.date),
    rejectedCandidate(reported, { strategy: step.strategy.name, candidate, fallbackLevel, code, figures: {} }),
  );
}

/** Entries of a strategy that wait for a person: each holds a place of MAX_TRADES. */
export function waitingFor(run: StrategyRun, except: SignalRun): number {
  return [...run.signals.values()].filter((signal) => signal !== except && isWaiting(signal)).length;
}

/** Ends what waits: when its time is up, or at once with `why` when the strategy enters no more. */
export function endConfirmations(context: TradingContext, step: StrategyStep, why?: string): Action | undefined {
  const { strategy, run, now } = step;
  for (const signal of run.signals.values()) {
    if (!isWaiting(signal)) continue;
    if (why === undefined && now < parseUtcText(signal.confirmation?.expiresAt ?? signal.at)) continue;
    const outcome = why === undefined ? 'expired' : 'withdrawn';
    return record(
      STREAMS.strategy(strategy.name, context.date),
      decided(signal, outcome, why ?? 'nobody answered in time'),
    );
  }
  return undefined;
}

/** Records what a person decided; undefined when the entry does not wait any more. */
export function decisionOf(
  signal: SignalRun,
  take: ConfirmationTake,
  { reason, now }: { readonly reason: string; readonly now: EpochMs },
): Draft<'EntryConfirmationDecided'> | undefined {
  const { confirmation } = signal;
  if (confirmation === undefined || !isWaiting(signal) || now >= parseUtcText(confirmation.expiresAt)) return undefined;
  return decided(signal, take, reason);
}

function isWaiting({ confirmation, status }: SignalRun): boolean {
  return confirmation !== undefined && confirmation.outcome === undefined && status !== 'rejected';
}

function decided(signal: SignalRun, outcome: Outcome, reason: string): Draft<'EntryConfirmationDecided'> {
  const { signalId, strategy, symbol } = signal.data;
  return {
    type: 'EntryConfirmationDecided',
    data: { signalId, strategy, symbol, outcome, reason },
    correlationId: signalId,
    causationId: signal.confirmation?.eventId ?? signal.eventId,
  };
}

function request(
  context: TradingContext,
  { step, traded, reported }: TradedCandidate,
  { quantity, price }: { readonly quantity: Decimal; readonly price: Decimal },
): Action {
  const { signalId } = reported.data;
  const expiresAt = plusMs(step.now, context.settings.TRADE_CONFIRMATION_SECONDS * SECOND_MS);
  return record(STREAMS.strategy(step.strategy.name, context.date), {
    type: 'EntryConfirmationRequested',
    data: {
      signalId,
      strategy: step.strategy.name,
      // what a person decides about: with an inverse ETF another symbol than that of the signal
      symbol: traded.symbol,
      side: traded.side,
      quantity: quantity.shortText(),
      price: price.shortText(2),
      cost: quantity.times(price).shortText(2),
      expiresAt: toUtcText(expiresAt),
    },
    correlationId: signalId,
    causationId: reported.eventId,
  });
}
