import { foreignShares } from '../../domain/accounting/foreign-account.js';
import { partsAfter, type Conversion } from '../../domain/accounting/convert-shares.js';
import { netPosition } from '../../domain/accounting/lots.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import { stopAfter } from '../../domain/session/reduce-conversion.js';
import { signedShares } from '../../domain/session/day-result.js';
import type { Draft } from '../../events/draft.js';
import { canonicalSymbol, type TickerSymbol } from '../../events/names.js';
import { Decimal } from '../../kernel/decimal.js';
import { dataError, type TradeBotError } from '../../kernel/errors.js';
import type { Sha256Hex } from '../../kernel/hash.js';
import { toUtcText, type EpochMs } from '../../kernel/time.js';

/** Shares that the broker took out of the account and put into it without a trade: a split, or a change of symbol. */
export interface ShareReplacement {
  readonly activityId: string;
  readonly at: EpochMs;
  /** Each with the sign of the change. */
  readonly moves: readonly { readonly symbol: TickerSymbol; readonly quantity: Decimal }[];
  readonly description: string;
  readonly rawSha256: Sha256Hex;
}

type Change = Pick<Conversion, 'kind' | 'symbol' | 'newSymbol' | 'sharesBefore' | 'sharesAfter'>;

/** What books a replacement of shares; a fault when the books do not hold the shares that it replaces. */
export function conversionDraft(
  state: EngineState,
  broker: string,
  replacement: ShareReplacement,
): { readonly draft: Draft<'SharesConverted'> } | { readonly fault: TradeBotError } {
  const change = changeOf(state, replacement);
  if (change === undefined) return { fault: noSuchShares(state, replacement) };
  const { activityId, at, description, rawSha256 } = replacement;
  const held = [...state.positions.values()].filter(
    ({ symbol, quantity }) => symbol === change.symbol && quantity.sign() > 0,
  );
  const ratio = { before: Decimal.parse(change.sharesBefore).abs(), after: Decimal.parse(change.sharesAfter).abs() };
  const parts = partsAfter([...held.map(signedShares), foreignShares(state.foreign, change.symbol)], ratio);
  const others = parts.at(-1) ?? Decimal.ZERO;
  const before = change.symbol === change.newSymbol ? Decimal.ZERO : foreignShares(state.foreign, change.newSymbol);
  return {
    draft: {
      type: 'SharesConverted',
      data: {
        activityId,
        ...change,
        positions: held.map((position, index) => ({
          positionId: position.positionId,
          sharesBefore: position.quantity.shortText(),
          sharesAfter: (parts[index] ?? Decimal.ZERO).abs().shortText(),
          stopAfter: stopAfter(position, change)?.shortText(2) ?? null,
        })),
        othersAfter: others.plus(before).shortText(),
        happenedAt: toUtcText(at),
        description,
        rawSha256,
      },
      occurredAt: at,
      naturalKey: ['SharesConverted', broker, activityId],
      correlationId: activityId,
      causationId: null,
    },
  };
}

/** The symbol that had shares and the one that has them, by the books; undefined when the moves do not fit them. */
function changeOf(state: EngineState, { moves }: ShareReplacement): Change | undefined {
  const byName = new Map<TickerSymbol, Decimal>();
  for (const { symbol, quantity } of moves) {
    const name = canonicalSymbol(symbol);
    byName.set(name, (byName.get(name) ?? Decimal.ZERO).plus(quantity));
  }
  const [first, second, ...more] = [...byName];
  if (first === undefined || more.length > 0) return undefined;
  const { lots } = state.book;
  if (second === undefined) {
    const [symbol, added] = first;
    const before = netPosition(lots, symbol);
    const after = before.plus(added);
    // of two rows, one takes out all that was held
    const fits = moves.length === 1 || moves.some(({ quantity }) => quantity.negated().equals(before));
    return !fits || !isSameSide(before, after) ? undefined : split(symbol, before, after);
  }
  for (const [[symbol, out], [newSymbol, after]] of [
    [first, second],
    [second, first],
  ] as const) {
    const before = netPosition(lots, symbol);
    if (!before.plus(out).isZero() || !isSameSide(before, after)) continue;
    const [sharesBefore, sharesAfter] = [before.shortText(), after.shortText()];
    return { kind: 'symbol_change', symbol, newSymbol, sharesBefore, sharesAfter };
  }
  return undefined;
}

function split(symbol: TickerSymbol, before: Decimal, after: Decimal): Change {
  const shares = { sharesBefore: before.shortText(), sharesAfter: after.shortText() };
  return { kind: 'split', symbol, newSymbol: symbol, ...shares };
}

function isSameSide(before: Decimal, after: Decimal): boolean {
  return before.sign() !== 0 && before.sign() === after.sign();
}

function noSuchShares(state: EngineState, { moves }: ShareReplacement): TradeBotError {
  const symbols = [...new Set(moves.map(({ symbol }) => canonicalSymbol(symbol)))];
  const held = symbols.map((symbol) => `${netPosition(state.book.lots, symbol).shortText()} ${symbol}`).join(', ');
  const moved = moves.map(({ symbol, quantity }) => `${quantity.shortText()} ${symbol}`).join(', ');
  return dataError({
    code: 'CONVERSION_SHARES',
    message: `the broker replaced shares (${moved}) that the books do not hold so: they hold ${held}`,
    remedy: 'Compare the books with the account; resolve the difference with tradebot mismatch resolve.',
  });
}
