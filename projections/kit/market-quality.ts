import { droppedRows } from '../../src/domain/market/quality.js';
import type { EventData } from '../../src/events/event.js';

/** What was recorded of a session's market data, and what was wrong with it: count by rule, as status and summary show it. */
export interface MarketQuality {
  readonly date: string;
  readonly bars: number;
  readonly quotes: number;
  readonly dropped_rows: number;
  readonly findings: Readonly<Record<string, number>>;
}

/** The quality of the market data that the event records. */
export function marketQuality({ date, bars, quotes, findings }: EventData<'MarketDataRecorded'>): MarketQuality {
  const counts = Object.entries(findings).map(([rule, times]): [string, number] => [rule, Number(times)]);
  return { date, bars, quotes, dropped_rows: droppedRows(findings), findings: Object.fromEntries(counts) };
}
