import { relative } from 'node:path';
import type { DayReport, RefusalReport } from '../../app/day/day-report.js';
import type { HomePaths } from '../../domain/home/home-paths.js';
import { moneyText } from '../../kernel/money.js';
import type { DayRun } from '../../composition/run-days.js';
import type { EngineRuntime } from '../../composition/engine-runtime.js';
import type { Output } from './output.js';

interface AccountLine {
  readonly code: string;
  readonly name: string;
  /** Dollars; one of the two is 0.00. */
  readonly debit: string;
  readonly credit: string;
}

/** The summary that `tradebot day` prints, for people and for --json. */
export interface DaySummary {
  readonly ok: boolean;
  readonly home: string;
  readonly identity: string;
  readonly days: readonly (DayReport & { readonly run: DayRun['outcome'] })[];
  readonly trialBalance: {
    readonly balanced: boolean;
    readonly total: string;
    readonly accounts: readonly AccountLine[];
  };
  readonly journal: { readonly events: number; readonly head: string };
  readonly killSwitch: 'armed' | 'tripped';
  /** Projections that stopped: their files lag behind the journal. */
  readonly stopped: readonly { readonly name: string; readonly reason: string }[];
  /** What differs between seals and exports on disk and the journal. */
  readonly evidence: readonly string[];
  readonly files: Readonly<Record<string, string>>;
}

export async function daySummary(runtime: EngineRuntime, ran: readonly DayRun[]): Promise<DaySummary> {
  const { paths, journal, state, identity } = runtime;
  const books = runtime.books();
  try {
    const balance = books.trialBalance();
    const head = await journal.head();
    const stopped = (await runtime.projector.states()).flatMap(({ name, stopped: stop }) =>
      stop === null ? [] : [{ name, reason: stop.reason }],
    );
    const evidence = runtime.projector.evidence();
    const days = ran.map(({ outcome, report }) => ({ ...report, run: outcome }));
    return {
      ok:
        books.isSound() &&
        stopped.length === 0 &&
        evidence.length === 0 &&
        days.every((day) => day.reconciliation?.ok === true),
      home: paths.home,
      identity,
      days,
      trialBalance: {
        balanced: balance.balanced,
        total: moneyText(balance.debit),
        accounts: balance.rows.map(({ code, name, debit, credit }) => ({
          code,
          name,
          debit: moneyText(debit),
          credit: moneyText(credit),
        })),
      },
      journal: { events: head?.count ?? 0, head: head?.hash ?? '' },
      killSwitch: state.killTripped === undefined ? 'armed' : 'tripped',
      stopped,
      evidence,
      files: filesOf(paths, runtime.journalLocation),
    };
  } finally {
    books.close();
  }
}

/** Paths relative to the home; the journal may be on a server. */
function filesOf(paths: HomePaths, journal: string): Readonly<Record<string, string>> {
  const { output } = paths;
  return Object.fromEntries(
    Object.entries({
      journal,
      ledger: output.ledgerDb,
      status: output.statusJson,
      'strategy logs': output.logs,
      'trade history': output.tradeHistoryCsv,
      summary: output.dailySummary,
      exports: output.exports,
      'market data': output.market,
      'journal seals': output.audit,
    }).map(([what, path]) => [what, path.includes('://') ? path : relative(paths.home, path)]),
  );
}

const MOST_REFUSALS_SHOWN = 12;

export function printSummary(output: Output, summary: DaySummary): void {
  for (const day of summary.days) printDay(output, day);
  const { trialBalance, journal } = summary;
  output.say('');
  output.say(
    `Trial balance: ${trialBalance.balanced ? 'balanced' : 'NOT BALANCED'}, ${trialBalance.total} on each side`,
  );
  for (const { code, name, debit, credit } of trialBalance.accounts) {
    output.say(`  ${code} ${name.padEnd(28)} ${debit.padStart(14)} ${credit.padStart(14)}`);
  }
  output.say(`Journal: ${journal.events} events, head ${journal.head}`);
  for (const { name, reason } of summary.stopped) output.say(`STOPPED: ${name}: ${reason}`);
  if (summary.killSwitch === 'tripped') {
    output.say(
      'Kill switch: TRIPPED. Entries stay blocked until it is reset: tradebot reset kill-switch --reason <why>.',
    );
  }
  output.say('');
  output.say(`Home: ${summary.home}`);
  for (const [what, path] of Object.entries(summary.files)) output.say(`  ${what.padEnd(14)} ${path}`);
}

function printDay(output: Output, day: DaySummary['days'][number]): void {
  const note = day.run === 'traded' ? '' : day.run === 'resumed' ? ' (resumed after a crash)' : ' (already closed)';
  output.say('');
  output.say(`${day.date}: ${day.outcome}${note}`);
  output.say(`  signals ${day.signals}, orders ${day.orders} (${day.rejectedOrders} rejected), fills ${day.fills}`);
  for (const line of day.strategies) {
    output.say(
      `  ${line.strategy.padEnd(8)} ${line.candidates} candidates, ${line.signals} signals, ${line.trades} trades, ` +
        `P&L ${line.netPnl} (gross ${line.grossPnl}, fees ${line.fees})`,
    );
  }
  output.say(`  day      ${day.trades} trades, P&L ${day.netPnl} (gross ${day.grossPnl}, fees ${day.fees})`);
  if (day.result !== null && day.result.unrealized !== '0.00') {
    const { total, realized, unrealized } = day.result;
    output.say(`  today    P&L ${total}: realized ${realized} after fees, unrealized ${unrealized}`);
  }
  printRefusals(output, day.refusals);
  printMarketData(output, day.marketData);
  const { reconciliation } = day;
  if (reconciliation === null) output.say('  reconciliation: none');
  else if (reconciliation.ok) {
    output.say(`  reconciliation: ledger equals broker, cash ${reconciliation.cashLedger}`);
  } else {
    output.say(
      `  reconciliation: ${reconciliation.mismatches} MISMATCHES, ` +
        `cash ${reconciliation.cashLedger} in the books, ${reconciliation.cashBroker} at the broker`,
    );
  }
  if (day.openPositions.length > 0) output.say(`  still open: ${day.openPositions.join(', ')}`);
}

/** Grouped by reason, most frequent first, with the symbols; the logs have every refusal with its figures. */
function printRefusals(output: Output, refusals: readonly RefusalReport[]): void {
  const byCode = new Map<string, string[]>();
  for (const { code, symbol, strategy } of refusals) {
    const who = `${strategy}/${symbol}`;
    const known = byCode.get(code);
    if (known === undefined) byCode.set(code, [who]);
    else known.push(who);
  }
  output.say(`  not traded: ${refusals.length} candidates`);
  const rows = [...byCode].sort(([a, x], [b, y]) => y.length - x.length || (a < b ? -1 : 1));
  for (const [code, who] of rows) {
    const shown = who.slice(0, MOST_REFUSALS_SHOWN).join(' ');
    const more = who.length > MOST_REFUSALS_SHOWN ? ` and ${who.length - MOST_REFUSALS_SHOWN} more` : '';
    output.say(`    ${String(who.length).padStart(4)} ${code}: ${shown}${more}`);
  }
}

/** Every rule that left out or changed data, with what it means; dropped rows first. */
function printMarketData(output: Output, data: DaySummary['days'][number]['marketData']): void {
  if (data === null) return;
  output.say(`  market data: ${data.bars} bars, ${data.quotes} quotes; ${data.droppedRows} rows dropped`);
  for (const { rule, count, treatment, means } of data.findings) {
    output.say(`    ${String(count).padStart(4)} ${rule} (${treatment}): ${means}`);
  }
}
