import type { Command } from 'commander';
import { openLedger } from '../../../adapters/ledger-reader/open-ledger.js';
import type { OpenedHome } from '../../../adapters/home/home.js';
import type { AsOfView, Moment } from '../../../app/as-of/as-of.js';
import { positionOfText, timeOfText, TIME_FORMS } from '../../../app/as-of/moment-text.js';
import { bookFigures, ledgerAgrees, type BookFigures } from '../../../app/as-of/figures.js';
import type { TrialBalanceRow } from '../../../domain/accounting/trial-balance.js';
import { configError, TradeBotError } from '../../../kernel/errors.js';
import { moneyText } from '../../../kernel/money.js';
import { statusAsOf } from '../../../composition/status-as-of.js';
import { existingHome, withProvenJournal, type CliContext, type ExitCode, type GlobalFlags } from '../context.js';
import { runs } from '../runs.js';

interface AsOfFlags extends GlobalFlags {
  readonly position?: string;
  readonly time?: string;
}

/** `tradebot as-of`: books, positions, P&L and status as they were at a past moment (JRN-31). Exit 3 when the ledger differs. */
export function registerAsOf(program: Command, context: CliContext): void {
  const command = program
    .command('as-of')
    .description('show books, positions, P&L and status as of a past position or time')
    .option('--position <n>', 'a position of the journal, inclusive')
    .option('--time <utc>', `a recording time, inclusive (its end): ${TIME_FORMS}`);
  runs(command, (flags: AsOfFlags) => showAsOf(context, flags));
}

async function showAsOf(context: CliContext, flags: AsOfFlags): Promise<ExitCode> {
  const moment = momentOf(flags);
  const home = existingHome(context, flags);
  const view = await withProvenJournal(context, home, (journal) => statusAsOf({ ...home, journal }, moment));
  const figures = bookFigures(view.state.book);
  const agrees = agreement(home, view);
  context.output.result(resultOf(view, figures, agrees));
  print(context, view, figures, agrees);
  return agrees === false ? 3 : 0;
}

function momentOf({ position, time }: AsOfFlags): Moment {
  if (position !== undefined && time === undefined) return { position: positionOfText(position) };
  if (time !== undefined && position === undefined) return { time: timeOfText(time, 'last') };
  throw configError({
    code: 'BAD_MOMENT',
    message: position === undefined ? 'no moment was given' : '--position and --time were given together',
    remedy: 'Give either --position <n> (the last column of `tradebot events`), or --time 2026-01-05T15:00:00Z.',
  });
}

/** Null when the ledger is missing or behind this position: then only the journal answers. */
function agreement(home: OpenedHome, { position, state }: AsOfView): boolean | null {
  if (position === null) return null;
  let ledger: ReturnType<typeof openLedger>;
  try {
    ledger = openLedger(home.paths.output.ledgerDb);
  } catch (error) {
    if (error instanceof TradeBotError && error.code === 'LEDGER_UNREADABLE') return null;
    throw error;
  }
  try {
    return ledgerAgrees(state.book, ledger, position);
  } finally {
    ledger.close();
  }
}

function resultOf(view: AsOfView, figures: BookFigures, agrees: boolean | null): object {
  const { trialBalance, positions, cash, realized, fees, net, equity } = figures;
  const { rows, debit, credit, balanced } = trialBalance;
  return {
    ok: agrees !== false,
    asOf: { position: view.position, recordedAt: view.recordedAt, events: view.events },
    trialBalance: { rows: rows.map(rowTexts), debit: moneyText(debit), credit: moneyText(credit), balanced },
    cash: moneyText(cash),
    equity: moneyText(equity),
    positions: positions.map(({ symbol, quantity }) => ({ symbol, quantity: quantity.shortText() })),
    realized: { gross: moneyText(realized), fees: moneyText(fees), net: moneyText(net) },
    ledgerAgrees: agrees,
    status: JSON.parse(view.statusText) as unknown,
  };
}

function rowTexts({ code, name, type, debit, credit }: TrialBalanceRow): object {
  return { code, name, type, debit: moneyText(debit), credit: moneyText(credit) };
}

const AGREEMENT = new Map([
  [true, 'agrees'],
  [false, 'DIFFERS: run `tradebot rebuild ledger`, then try again'],
]);

function print({ output }: CliContext, view: AsOfView, figures: BookFigures, agrees: boolean | null): void {
  const { trialBalance, positions, cash, realized, fees, net } = figures;
  const { body } = view.state;
  output.say(
    view.position === null
      ? 'Before the first event'
      : `As of position ${Number(view.position) || view.position}, recorded ${view.recordedAt ?? ''}`,
  );
  const session = body.session;
  output.say(
    `  bot       ${body.botState ?? 'not started'}${session === null ? '' : `, session of ${session.opened.date}`}`,
  );
  output.say(`  cash      ${moneyText(cash)}`);
  output.say(`  realized  ${moneyText(realized)} gross, ${moneyText(fees)} fees, ${moneyText(net)} net`);
  const held = positions.map(({ symbol, quantity }) => `${symbol} ${quantity.shortText()}`);
  output.say(`  positions ${held.length === 0 ? 'none' : held.join(', ')}`);
  const total = moneyText(trialBalance.debit);
  output.say(`Trial balance: ${trialBalance.balanced ? `balanced, ${total} on each side` : 'NOT BALANCED'}`);
  for (const { code, name, debit, credit } of trialBalance.rows) {
    output.say(`  ${code} ${name.padEnd(28)} ${moneyText(debit).padStart(14)} ${moneyText(credit).padStart(14)}`);
  }
  output.say(
    `Ledger: ${agrees === null ? 'missing or behind this position; the figures come from the journal alone' : (AGREEMENT.get(agrees) ?? '')}`,
  );
}
