import type { EngineState } from '../../domain/session/engine-state.js';
import { heldSide, type PositionRun } from '../../domain/session/session-run.js';
import { parseClientOrderId, type ClientOrderId } from '../../events/names.js';
import { STREAMS } from '../../events/streams.js';
import { Decimal } from '../../kernel/decimal.js';
import { parseUtcText } from '../../kernel/time.js';
import { intendedWithoutJournal } from '../../trading/orders/order-intent.js';
import type { EngineAppender } from '../journal/engine-appender.js';
import type { SideLine } from './side-line.js';

type Intended = Extract<SideLine['fact'], { kind: 'intended' }>;

/**
 * Brings the orders of one side file into the journal as exits of their positions; the engine then asks the broker for
 * their executions. Harmless when repeated. Orders that the broker never took are left out.
 */
export async function importSideFile(appender: EngineAppender, lines: readonly SideLine[]): Promise<void> {
  const [first] = lines;
  if (first === undefined) return;
  const begun = lines.map(({ fact }) => fact).find((fact) => fact.kind === 'begun');
  const ended = lines.map(({ fact }) => fact).findLast((fact) => fact.kind === 'ended');
  const orders: ClientOrderId[] = [];
  const unmatched: ClientOrderId[] = [];
  for (const line of takenOrders(lines)) {
    const id = parseClientOrderId(line.fact.clientOrderId);
    const position = positionOf(appender.state, line.fact);
    const known = appender.state.orders.has(id);
    if (!known && position === undefined) {
      unmatched.push(id);
      continue;
    }
    orders.push(id);
    if (known || position === undefined) continue;
    const quantity = Decimal.parse(line.fact.quantity).shortText();
    const entry = appender.state.orders.get(position.entryOrder);
    const referencePrice = Decimal.parse(entry?.intent.referencePrice ?? '0.01');
    const exit = { clientOrderId: id, quantity, sentAt: parseUtcText(line.at), referencePrice };
    await appender.append(STREAMS.order(id), [intendedWithoutJournal(position, exit)]);
  }
  const data = {
    key: first.key,
    at: first.at,
    cause: begun?.cause ?? 'not written',
    orders,
    unmatched,
    open: [...(ended?.open ?? [])],
  };
  await appender.append(STREAMS.processes, [
    { type: 'BreakGlassImported', data, correlationId: 'break-glass', causationId: null },
  ]);
}

/** Intents that the broker accepted or executed. */
function takenOrders(lines: readonly SideLine[]): readonly (SideLine & { readonly fact: Intended })[] {
  const taken = new Set(
    lines.flatMap(({ fact }) => (fact.kind === 'accepted' || fact.kind === 'filled' ? [fact.clientOrderId] : [])),
  );
  const seen = new Set<string>();
  return lines.flatMap(({ fact, ...line }) => {
    if (fact.kind !== 'intended' || !taken.has(fact.clientOrderId) || seen.has(fact.clientOrderId)) return [];
    seen.add(fact.clientOrderId);
    return [{ ...line, fact }];
  });
}

/** The position that the order closes: held, or entered by an order whose fill the journal does not have yet. */
function positionOf(state: EngineState, { symbol, side }: Intended): PositionRun | undefined {
  const held = side === 'sell' ? 'long' : 'short';
  const candidates = [...state.positions.values()].filter(
    (position) => position.symbol === symbol && heldSide(position) === held,
  );
  return (
    candidates.find(({ quantity }) => !quantity.isZero()) ??
    candidates.find(({ entryOrder }) => state.liveOrders.has(entryOrder))
  );
}
