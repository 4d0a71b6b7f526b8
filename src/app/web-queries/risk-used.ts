import { parseOption } from '../../domain/options/contract-name.js';
import { Decimal } from '../../kernel/decimal.js';
import { moneyText } from '../../kernel/money.js';

/** The members of the status that risk is computed from; amounts in dollars. */
export interface RiskStatus {
  readonly float: string | null;
  /** Dollars that the session may have at work. */
  readonly session_cap: string | null;
  /** Of the session, realized and unrealized. */
  readonly daily_gain_loss: string | null;
  readonly thresholds: Readonly<Record<string, string | null>>;
  readonly open_positions: readonly {
    readonly ticker: string;
    readonly trade_side: string;
    readonly size: string;
    /** Cost. */
    readonly amount: string;
    readonly last_price: string | null;
    readonly stop: string | null;
  }[];
}

/** How much of a limit is used. */
export interface LimitUsed {
  readonly code: 'DAILY_LOSS_LIMIT' | 'SESSION_CAP' | 'MAX_OPEN_POSITIONS';
  readonly used: string;
  readonly limit: string;
  readonly unit: 'dollars' | 'count';
  /** Used of the limit, 0 and more; null when the limit is zero. */
  readonly share: string | null;
}

/** How far a position is from its stop at the last price. */
export interface StopDistance {
  readonly symbol: string;
  /** Dollars a share; below zero when the price is past the stop. */
  readonly distance: string;
  /** Of the last price, such as 0.0123. */
  readonly share: string;
  /** Dollars lost from the last price when the stop fills at its price. */
  readonly loss: string;
}

/** Limits in use and the distance to each stop. */
export interface RiskUsed {
  readonly limits: readonly LimitUsed[];
  readonly stops: readonly StopDistance[];
  /** Dollars lost from the last prices when every stop fills at its price; null without a stop. */
  readonly lossAtStops: string | null;
}

/** Limits in use and distances to the stops, from a status. An option has no distance: its stop is a price of its underlying. */
export function riskUsed(status: RiskStatus): RiskUsed {
  const stops = status.open_positions.flatMap((position) => distanceOf(position) ?? []);
  const losses = stops.map(({ loss }) => Decimal.parse(loss));
  const loss = losses.reduce((sum, one) => sum.plus(one), Decimal.ZERO);
  return {
    limits: [...dailyLoss(status), ...capital(status), ...positions(status)],
    stops,
    lossAtStops: stops.length === 0 ? null : moneyText(loss),
  };
}

const RATIO = { scale: 4, round: 'halfEven' } as const;
const shareOf = (used: Decimal, limit: Decimal): string | null =>
  limit.isZero() ? null : used.divide(limit, RATIO).text();

function distanceOf(position: RiskStatus['open_positions'][number]): StopDistance | undefined {
  const { ticker: symbol, trade_side: side, size, last_price: last, stop } = position;
  if (last === null || stop === null || parseOption(symbol) !== undefined) return undefined;
  const price = Decimal.parse(last);
  if (price.isZero()) return undefined;
  const above = price.minus(Decimal.parse(stop));
  const distance = side === 'long' ? above : above.negated();
  const loss = distance.times(Decimal.parse(size).abs()).rounded(2, 'halfEven');
  return {
    symbol,
    distance: distance.shortText(2),
    share: distance.divide(price, RATIO).text(),
    loss: moneyText(loss),
  };
}

function dailyLoss({ float, daily_gain_loss: result, thresholds }: RiskStatus): readonly LimitUsed[] {
  const fraction = thresholds['DAILY_LOSS_LIMIT'] ?? null;
  if (float === null || result === null || fraction === null) return [];
  const limit = Decimal.parse(float).times(Decimal.parse(fraction)).rounded(2, 'down');
  const used = Decimal.max(Decimal.parse(result).negated(), Decimal.ZERO);
  return [dollarsUsed('DAILY_LOSS_LIMIT', used, limit)];
}

function capital({ session_cap: cap, open_positions: open }: RiskStatus): readonly LimitUsed[] {
  if (cap === null) return [];
  const used = open.reduce((sum, { amount }) => sum.plus(Decimal.parse(amount).abs()), Decimal.ZERO);
  return [dollarsUsed('SESSION_CAP', used, Decimal.parse(cap))];
}

function positions({ thresholds, open_positions: open }: RiskStatus): readonly LimitUsed[] {
  const limit = thresholds['MAX_OPEN_POSITIONS'] ?? null;
  if (limit === null) return [];
  const used = Decimal.of(open.length);
  const share = shareOf(used, Decimal.parse(limit));
  return [{ code: 'MAX_OPEN_POSITIONS', used: used.text(), limit, unit: 'count', share }];
}

function dollarsUsed(code: LimitUsed['code'], used: Decimal, limit: Decimal): LimitUsed {
  return { code, used: moneyText(used), limit: moneyText(limit), unit: 'dollars', share: shareOf(used, limit) };
}
