import { adjustFloat, NO_FLOAT } from '../../domain/float/float.js';
import type { RecordedEvent } from '../../events/event.js';
import type { TickerSymbol } from '../../events/names.js';
import { Decimal } from '../../kernel/decimal.js';
import { moneyText, subtractCents } from '../../kernel/money.js';
import type { DateText } from '../../kernel/time.js';
import { eachEvent } from './chain.js';
import { figureAnswer, type Contribution, type ExplainParts, type Explanation } from './explanation.js';
import { nothingKnown } from './refusals.js';

type Journal = ExplainParts['journal'];

/** The float: every change of it, and nothing else (ACC-30). */
export async function explainFloat({ journal }: ExplainParts): Promise<Explanation> {
  let state = NO_FLOAT;
  let agrees: boolean | null = null;
  const contributions: Contribution[] = [];
  await eachEvent(journal, (event) => {
    if (event.type === 'SessionOpened') agrees = event.data.floatAtStart === moneyText(state.float);
    if (event.type !== 'FloatAdjusted') return;
    const before = state.float;
    state = adjustFloat(state, event.data);
    contributions.push({
      at: event.occurredAt,
      amount: moneyText(subtractCents(state.float, before)),
      total: moneyText(state.float),
      description: `${event.data.direction} (${event.data.source}): ${event.data.reason}`,
      subject: event.id,
      eventId: event.id,
    });
  });
  const formula = 'what was injected into the float less what was returned from it; nothing else changes it';
  return figureAnswer({ name: 'float', value: moneyText(state.float), formula, contributions, agrees });
}

/** What a session began with: equity is the value, float and cap are parts of the event. */
export async function openingOf(journal: Journal, date: DateText): Promise<RecordedEvent<'SessionOpened'>> {
  let opened: RecordedEvent<'SessionOpened'> | undefined;
  await eachEvent(journal, (event) => {
    if (event.type === 'SessionOpened' && event.data.date === date) opened = event;
  });
  if (opened === undefined) throw nothingKnown(`a session of ${date}`);
  return opened;
}

/** A setting: each change with who made it and why. */
export async function explainSetting({ journal }: ExplainParts, key: string): Promise<Explanation> {
  const contributions: Contribution[] = [];
  await eachEvent(journal, (event) => {
    if (event.type !== 'ConfigChanged') return;
    for (const change of event.data.changes) {
      if (change.key !== key) continue;
      const to = change.secret ? '(secret)' : (change.to ?? 'default');
      contributions.push({
        at: event.occurredAt,
        amount: to,
        total: to,
        description: `by ${event.meta.actor}: ${event.data.reason}`,
        subject: event.id,
        eventId: event.id,
      });
    }
  });
  const last = contributions.at(-1);
  if (last === undefined) throw nothingKnown(`a change of the setting "${key.slice(0, 60)}"`);
  return figureAnswer({
    name: `setting ${key}`,
    value: last.amount,
    formula: 'the last change that the journal has; the changes are not added up',
    contributions,
    agrees: null,
  });
}

/** The stop of the last position in a symbol: each move of it. */
export async function explainStop({ journal }: ExplainParts, symbol: TickerSymbol): Promise<Explanation> {
  let contributions: Contribution[] = [];
  let positionId = '';
  await eachEvent(journal, (event) => {
    if (event.type !== 'TrailingStopMoved' || event.data.symbol !== symbol) return;
    const { stop, previousStop, extreme, basis } = event.data;
    if (event.data.positionId !== positionId) contributions = [];
    positionId = event.data.positionId;
    contributions.push({
      at: event.occurredAt,
      amount: previousStop === null ? stop : Decimal.parse(stop).minus(Decimal.parse(previousStop)).shortText(2),
      total: stop,
      description: `best price ${extreme}, ${basis}`,
      subject: positionId,
      eventId: event.id,
    });
  });
  const last = contributions.at(-1);
  if (last === undefined) throw nothingKnown(`a stop of ${symbol}`);
  return figureAnswer({
    name: `stop of ${positionId}`,
    value: last.total,
    formula: 'the best price since the entry less the distance of the trail; it never moves back',
    contributions,
    agrees: null,
  });
}
