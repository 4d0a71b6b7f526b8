import { Controller, Get, Inject } from '@nestjs/common';
import type { EntryCursor, EntryOrder } from '../../../../projections/ledger/entry-page.js';
import type { Ledger } from '../../../../projections/ledger/query.js';
import { openLedger } from '../../../adapters/ledger-reader/open-ledger.js';
import type { Position } from '../../../events/event.js';
import { balanceOfAll } from '../../../domain/accounting/balances.js';
import { balanceSheet, trialBalance } from '../../../domain/accounting/trial-balance.js';
import type { LedgerGroup } from '../../../domain/accounting/types.js';
import { addCents, moneyText, type Cents } from '../../../kernel/money.js';
import { parseDateText, type DateText } from '../../../kernel/time.js';
import { Needs, ServedIn } from '../common/access.js';
import { Answers } from '../common/answers.js';
import { Tag } from '../common/described.js';
import { QueryInput } from '../common/input.js';
import { MadeOfOnly } from '../common/kept-answers.js';
import { badCursor, DEFAULT_PAGE, makeCursor, readCursor } from '../common/paging.js';
import { unprocessable } from '../common/problem.js';
import { pastPosition } from '../journal/past-position.js';
import { WEB_CONTEXT } from '../tokens.js';
import type { WebContext } from '../web-context.js';
import { BalancesAnswer, EntriesAnswer, EntriesQueryInput, MomentQueryInput, type EntryAnswer } from './ledger.dto.js';

const WHOLE = /^-?\d{1,19}$/;

/** The books as the ledger file has them, read-only. */
@Tag('books')
@Controller('api/ledger')
@ServedIn('dashboard')
@Needs('read')
export class LedgerController {
  constructor(@Inject(WEB_CONTEXT) private readonly context: WebContext) {}

  @Get('entries')
  @MadeOfOnly('ledger')
  @Answers(200, EntriesAnswer, 'Lists entries of the ledger with their legs; each page looks at a bounded number.')
  async entries(@QueryInput(EntriesQueryInput) query: EntriesQueryInput): Promise<EntriesAnswer> {
    const { limit = DEFAULT_PAGE, order = 'newest', cursor, asof, from, to, ...filter } = query;
    const after = cursorOf(cursor, order);
    const days = { from: dayIn('from', from), to: dayIn('to', to) };
    const position = await pastPosition(asof, this.context.open().journal);
    return this.#read((ledger) => {
      const page = ledger.page({ ...filter, ...days, limit, order, after }, position);
      const names = new Map(ledger.accounts(position).map(({ code, name }) => [code, name]));
      const { groups, next, examined, all } = page;
      return {
        items: groups.map((group) => entryAnswer(group, names)),
        nextCursor: next === null ? null : makeCursor(`ledger ${order}`, [String(next.n), String(next.amount)]),
        ...{ examined, all },
      };
    });
  }

  @Get('balances')
  @MadeOfOnly('ledger')
  @Answers(200, BalancesAnswer, 'Returns the trial balance and the figures of the books, now or as of a position.')
  async balances(@QueryInput(MomentQueryInput) { asof }: MomentQueryInput): Promise<BalancesAnswer> {
    const position = await pastPosition(asof, this.context.open().journal);
    return this.#read((ledger) => balancesAnswer(ledger, position));
  }

  #read<T>(read: (ledger: Ledger) => T): T {
    const ledger = openLedger(this.context.open().paths.output.ledgerDb);
    try {
      return read(ledger);
    } finally {
      ledger.close();
    }
  }
}

/** Without realized and fees: those are sums over all entries, which a page of a long history would wait for. */
function balancesAnswer(ledger: Ledger, position: Position | undefined): BalancesAnswer {
  const asOf = position === undefined ? {} : { position };
  const balances = ledger.balances(asOf);
  const accounts = ledger.accounts(position);
  const { rows, debit, credit, balanced } = trialBalance(balances, accounts);
  const { totalEquity, totalAssets, totalLiabilities, profit } = balanceSheet(balances, accounts);
  return {
    rows: rows.map(({ code, name, type, ...row }) => ({
      ...{ code, name, type },
      ...{ debit: unlessZero(row.debit), credit: unlessZero(row.credit) },
    })),
    ...{ debit: moneyText(debit), credit: moneyText(credit), balanced },
    figures: {
      equity: moneyText(totalEquity),
      cash: moneyText(balanceOfAll(balances, ledger.cashAccounts(position))),
      assets: moneyText(totalAssets),
      liabilities: moneyText(totalLiabilities),
      result: moneyText(profit),
    },
    postedUpTo: ledger.reached(),
  };
}

function entryAnswer(group: LedgerGroup, names: ReadonlyMap<string, string>): EntryAnswer {
  const { fitid, datetimeUtc, trntype, description, symbol, strategy, quantity, price, commission, fee } = group;
  return {
    ...{ fitid, at: datetimeUtc, type: trntype, description, symbol, strategy, quantity, price },
    charges: moneyText(addCents(commission, fee)),
    amount: moneyText(group.netAmount),
    clientOrderId: group.clientOrderId ?? null,
    eventId: group.sourceEventId,
    reverses: group.reverses !== null,
    legs: group.legs.map(({ accountCode, debit, credit, quantity: moved }) => ({
      ...{ account: accountCode, name: names.get(accountCode) ?? '', quantity: moved },
      ...{ debit: unlessZero(debit), credit: unlessZero(credit) },
    })),
  };
}

function unlessZero(amount: Cents): string | null {
  return amount === 0n ? null : moneyText(amount);
}

function cursorOf(text: string | undefined, order: EntryOrder): EntryCursor | undefined {
  const parts = readCursor(`ledger ${order}`, text, 2);
  if (parts === undefined) return undefined;
  const [n, amount] = parts.map(String);
  if (n === undefined || amount === undefined || !WHOLE.test(n) || !WHOLE.test(amount)) throw badCursor();
  return { n: BigInt(n), amount: BigInt(amount) };
}

/** Throws a Problem 422 for a day that does not exist. */
function dayIn(field: string, text: string | undefined): DateText | undefined {
  if (text === undefined) return undefined;
  try {
    return parseDateText(text);
  } catch {
    throw unprocessable([{ field, message: 'is not a day that exists, such as 2026-01-05.' }]);
  }
}
