import { compare, rate, type BenchRow } from './bench.js';
import { settingsForSymbols, SMA_CROSS } from './sma-cross.js';
import {
  bareLoop,
  prepareDays,
  tradeInMemory,
  tradeWithFiles,
  type PreparedDays,
  type RunFigures,
} from './trading-days.js';

const DAYS = 20;
const ROUNDS = 3;
/** A pass of the bare loop is too short to time once. */
const BARE_PASSES = 50;

async function row(
  prepared: PreparedDays,
  goal: string,
  what: string,
  trade: () => Promise<RunFigures>,
): Promise<BenchRow> {
  let figures: RunFigures = { events: 0, fills: 0 };
  const made = await compare(
    what,
    goal,
    {
      ours: () =>
        rate(prepared.bars, async () => {
          figures = await trade();
        }),
      yardstick: () =>
        rate(prepared.bars * BARE_PASSES, () => {
          for (let pass = 0; pass < BARE_PASSES; pass += 1) bareLoop(prepared);
        }),
    },
    ROUNDS,
  );
  const perFill = Math.round(prepared.bars / Math.max(1, figures.fills));
  return { ...made, what: `${what}; a fill every ${perFill} bars, ${figures.events} events` };
}

/** Simulated bars a second, from the feed to the books; days of the invented market, made beforehand. */
export async function run(): Promise<readonly BenchRow[]> {
  const prepared = prepareDays(DAYS);
  const { symbols } = prepared;
  const over = `${DAYS} days, ${symbols} symbols, ${prepared.bars} bars`;
  return [
    await row(prepared, '>= 500,000 bars/s (10)', `day, whole: durable journal, books, files; ${over}`, () =>
      tradeWithFiles(prepared),
    ),
    await row(prepared, '>= 2,000,000 bars/s (9)', 'day in memory: three strategies, no files', () =>
      tradeInMemory(prepared),
    ),
    await row(prepared, '>= 8,000,000 bars/s (9)', 'day in memory: SMA cross all day, no files', () =>
      tradeInMemory(prepared, { strategies: [SMA_CROSS], settings: settingsForSymbols(symbols) }),
    ),
  ];
}
