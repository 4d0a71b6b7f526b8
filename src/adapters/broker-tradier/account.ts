import { Decimal } from '../../kernel/decimal.js';
import type { BrokerAccount, BrokerPosition } from '../../ports/account-queries.js';
import { figureOf, isMembers, neededFigure, neededText, textOf, type Members } from './shapes.js';
import { symbolOf } from './symbols.js';

/** The parts of balances that depend on the kind of account, and the members that say what can be bought, best first. */
const KINDS = ['margin', 'pdt', 'cash'] as const;
const BUYING_POWER = ['stock_buying_power', 'day_trade_buying_power', 'cash_available'] as const;
const AVERAGE_SCALE = 6;

/**
 * Cash, buying power and equity. A margin account has the part `margin`, a cash account `cash`, and `pdt` may be history: the part
 * that is there counts, whatever `account_type` says. @throws BrokerError BROKER_ANSWER_UNREADABLE
 */
export function accountOf(balances: Members, accountId: string): BrokerAccount {
  const cash = neededFigure(balances, 'total_cash');
  const parts = KINDS.flatMap((kind) => (isMembers(balances[kind]) ? [balances[kind]] : []));
  const powers = parts.flatMap((part) => BUYING_POWER.map((name) => figureOf(part, name)));
  const buyingPower = powers.find((figure) => figure !== undefined) ?? cash;
  return {
    accountId,
    cash,
    buyingPower: Decimal.max(buyingPower, Decimal.ZERO),
    equity: figureOf(balances, 'total_equity') ?? cash,
    shortSales: maySellShort(balances),
  };
}

/** A cash account sells nothing short; every other kind, known or not, may. */
export function maySellShort(balances: Members): boolean {
  return textOf(balances, 'account_type') !== 'cash';
}

/** A position; the broker writes what it cost in all. */
function positionOf(row: Members): BrokerPosition {
  const quantity = neededFigure(row, 'quantity');
  const cost = figureOf(row, 'cost_basis') ?? Decimal.ZERO;
  const averagePrice = quantity.isZero()
    ? Decimal.ZERO
    : cost.abs().divide(quantity.abs(), { scale: AVERAGE_SCALE, round: 'halfEven' });
  return { symbol: symbolOf(neededText(row, 'symbol')), quantity, averagePrice };
}

/** Positions with shares, one for each symbol: the broker may list lots of a symbol as rows of their own. */
export function positionsOf(rows: readonly Members[]): readonly BrokerPosition[] {
  const bySymbol = new Map<string, BrokerPosition[]>();
  for (const row of rows) {
    const position = positionOf(row);
    bySymbol.set(position.symbol, [...(bySymbol.get(position.symbol) ?? []), position]);
  }
  return [...bySymbol.values()].flatMap((lots) => merged(lots)).filter(({ quantity }) => !quantity.isZero());
}

function merged(lots: readonly BrokerPosition[]): readonly BrokerPosition[] {
  const [first, ...others] = lots;
  if (first === undefined || others.length === 0) return lots;
  const quantity = Decimal.sum(lots.map((lot) => lot.quantity));
  if (quantity.isZero()) return [];
  const cost = Decimal.sum(lots.map((lot) => lot.quantity.times(lot.averagePrice)));
  return [
    { ...first, quantity, averagePrice: cost.divide(quantity, { scale: AVERAGE_SCALE, round: 'halfEven' }).abs() },
  ];
}
