import { Decimal } from '../../kernel/decimal.js';
import type { BlockedSymbol } from './blocklist.js';
import type { UniverseRow } from './enrich.js';
import { dollarVolume, judgeRow, type RuleResult, type UniverseLimits } from './rules.js';

/** A symbol with what each rule says of it; `rank` is null for one that failed before the size. */
export interface JudgedRow {
  readonly row: UniverseRow;
  readonly rules: readonly RuleResult[];
  /** 1 is the most traded. */
  readonly rank: number | null;
  readonly chosen: boolean;
}

/** Judges every row: all rules, then the size, by the dollars traded in the last session, then by market cap, then by symbol. */
export function select(
  rows: readonly UniverseRow[],
  limits: UniverseLimits,
  blocked: ReadonlyMap<string, BlockedSymbol>,
): readonly JudgedRow[] {
  const judged = rows.map((row) => ({ row, rules: judgeRow(row, limits, blocked.get(row.symbol)) }));
  const passed = judged.filter(({ rules }) => rules.every(({ ok }) => ok)).map(({ row }) => sortable(row));
  passed.sort(byTurnover);
  const ranks = new Map(passed.map(({ row }, index) => [row.symbol, index + 1]));
  return judged.map(({ row, rules }) => {
    const rank = ranks.get(row.symbol) ?? null;
    if (rank === null) return { row, rules, rank, chosen: false };
    const ok = rank <= limits.maxSize;
    const size: RuleResult = {
      ...{ rule: 'size', ok, code: ok ? '' : 'UNIVERSE_FULL' },
      ...{ value: `rank ${rank}`, limit: `${limits.maxSize} symbols` },
    };
    return { row, rules: [...rules, size], rank, chosen: ok };
  });
}

interface Sortable {
  readonly row: UniverseRow;
  readonly turnover: Decimal;
  readonly cap: Decimal;
}

function sortable(row: UniverseRow): Sortable {
  const cap = row.figures.market_cap?.value;
  return {
    row,
    turnover: dollarVolume(row) ?? Decimal.ZERO,
    cap: cap === undefined ? Decimal.ZERO : Decimal.parse(cap),
  };
}

function byTurnover(a: Sortable, b: Sortable): number {
  const order = b.turnover.compare(a.turnover) || b.cap.compare(a.cap);
  return order !== 0 ? order : a.row.symbol < b.row.symbol ? -1 : 1;
}

/** The first rule that a symbol fails; undefined for one that is in the universe. */
export function excludedBy({ rules }: Pick<JudgedRow, 'rules'>): RuleResult | undefined {
  return rules.find(({ ok }) => !ok);
}

/** How many symbols each reason leaves out, by its code. */
export function exclusions(judged: readonly JudgedRow[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const one of judged) {
    const code = excludedBy(one)?.code;
    if (code !== undefined) counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}
