import type { HeldHalt } from '../../domain/orders/held-halt.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import type { TickerSymbol } from '../../events/names.js';
import { toUtcText, type EpochMs } from '../../kernel/time.js';

/** The held symbols in which trading is halted, as a figure of the engine: `AIG 2013-10-07T13:51:00.000Z,BAC ...`; empty for none. */
export function haltFigures(
  { positions }: Pick<EngineState, 'positions'>,
  halted: ReadonlyMap<TickerSymbol, EpochMs>,
): Readonly<Record<string, string>> {
  const held = new Set(
    [...positions.values()].filter(({ quantity }) => !quantity.isZero()).map(({ symbol }) => symbol),
  );
  const both = [...halted]
    .filter(([symbol]) => held.has(symbol))
    .map(([symbol, since]) => `${symbol} ${toUtcText(since)}`);
  return both.length === 0 ? {} : { held_halted: both.sort().join(',') };
}

/** What the figure says, by symbol. */
export function heldHaltsOf({ held_halted: text = '' }: Readonly<Record<string, string>>): readonly HeldHalt[] {
  return text.split(',').flatMap((one) => {
    const [symbol, since] = one.split(' ');
    return symbol === undefined || since === undefined ? [] : [{ symbol, since }];
  });
}
