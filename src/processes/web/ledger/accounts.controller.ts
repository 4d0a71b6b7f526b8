import { Controller, Get, Inject } from '@nestjs/common';
import { openLedger } from '../../../adapters/ledger-reader/open-ledger.js';
import { balanceOf, type Balances } from '../../../domain/accounting/balances.js';
import { growsByDebit, type Account } from '../../../domain/accounting/coa.js';
import { allLots } from '../../../domain/accounting/lots.js';
import type { OpenLot } from '../../../domain/accounting/types.js';
import type { Position, RecordedEvent } from '../../../events/event.js';
import { SerialQueue } from '../../../app/journal/serial-queue.js';
import { Decimal } from '../../../kernel/decimal.js';
import { addCents, moneyText, NO_CENTS, negateCents } from '../../../kernel/money.js';
import type { Journal } from '../../../ports/journal.js';
import { Needs, ServedIn } from '../common/access.js';
import { Answers } from '../common/answers.js';
import { Tag } from '../common/described.js';
import { QueryInput } from '../common/input.js';
import { actorName } from '../control/user-names.js';
import { pastPosition } from '../journal/past-position.js';
import { WEB_CONTEXT } from '../tokens.js';
import type { WebContext } from '../web-context.js';
import { ChartOfAccountsAnswer, LotsAnswer } from './books.dto.js';
import { MomentQueryInput } from './ledger.dto.js';

/** A position of the status with its last valuation. */
interface Valued {
  readonly ticker: string;
  readonly last_price?: string | null;
  readonly unrealized?: string | null;
}

const MOST_VERSIONS = 1_000;

/** Lots and the chart of accounts, now or as of a position. */
@Tag('books')
@Controller('api/ledger')
@ServedIn('dashboard')
@Needs('read')
export class AccountsController {
  /** Each answer folds up to ten thousand events: one at a time. */
  readonly #queue = new SerialQueue();

  constructor(@Inject(WEB_CONTEXT) private readonly context: WebContext) {}

  @Get('lots')
  @Answers(200, LotsAnswer, 'Returns the open lots by position, with their cost.')
  async lots(@QueryInput(MomentQueryInput) { asof }: MomentQueryInput): Promise<LotsAnswer> {
    const home = this.context.open();
    const position = (await pastPosition(asof, home.journal)) ?? (await home.journal.head())?.position;
    if (position === undefined) return { holdings: [] };
    return this.#queue.run(async () => {
      // Only who looks at lots needs the projections in this process.
      const { statusAsOf } = await import('../../../composition/status-as-of.js');
      const { state, statusText } = await statusAsOf(home, { position });
      const { open_positions: valued } = JSON.parse(statusText) as { readonly open_positions: readonly Valued[] };
      return { holdings: holdingsOf(allLots(state.book.lots), new Map(valued.map((one) => [one.ticker, one]))) };
    });
  }

  @Get('accounts')
  @Answers(200, ChartOfAccountsAnswer, 'Returns the chart of accounts, the rules of posting, and their versions.')
  async accounts(@QueryInput(MomentQueryInput) { asof }: MomentQueryInput): Promise<ChartOfAccountsAnswer> {
    const { journal, paths } = this.context.open();
    const upTo = await pastPosition(asof, journal);
    const changes = await changesOf(journal, upTo);
    const mapping = changes.find((event) => event.type === 'CoaMappingChanged');
    const ledger = openLedger(paths.output.ledgerDb);
    try {
      const balances = ledger.balances(upTo === undefined ? {} : { position: upTo });
      return {
        accounts: ledger.accounts(upTo).map((account) => ({ ...account, balance: ownBalance(account, balances) })),
        rules: (mapping?.type === 'CoaMappingChanged' ? mapping.data.rules : []).map(
          ({ event, purpose, symbolPattern, debit, credit }) => ({ event, purpose, symbolPattern, debit, credit }),
        ),
        versions: changes.map((event) => this.#version(event)),
      };
    } finally {
      ledger.close();
    }
  }

  #version(event: RecordedEvent<'CoaChanged' | 'CoaMappingChanged'>): ChartOfAccountsAnswer['versions'][number] {
    const chart = event.type === 'CoaChanged';
    return {
      changed: chart ? 'chart' : 'mapping',
      version: String(event.data.version),
      ...{ at: event.occurredAt, byName: actorName(this.context, event.meta.actor), reason: event.data.reason },
      ...{ eventId: event.id, entries: chart ? event.data.accounts.length : event.data.rules.length },
    };
  }
}

function holdingsOf(lots: readonly OpenLot[], valued: ReadonlyMap<string, Valued>): LotsAnswer['holdings'] {
  const byKey = new Map<string, OpenLot[]>();
  for (const lot of lots) {
    const key = `${lot.symbol} ${lot.side}`;
    byKey.set(key, [...(byKey.get(key) ?? []), lot]);
  }
  return [...byKey.values()].flatMap((own) => {
    const [first] = own;
    if (first === undefined) return [];
    const { symbol, side } = first;
    const quantity = Decimal.sum(own.map((lot) => lot.quantity));
    const amount = addCents(NO_CENTS, ...own.map((lot) => lot.amount));
    const value = valued.get(symbol);
    return [
      {
        ...{ symbol, side, quantity: quantity.shortText(), amount: moneyText(amount) },
        ...{ lastPrice: value?.last_price ?? null, unrealized: value?.unrealized ?? null },
        lots: own.map((lot) => ({
          ...{ lotId: lot.lotId, openedAt: lot.openedAt, unknownSince: lot.unknownSince === true },
          ...{ price: lot.price.shortText(2), quantity: lot.quantity.shortText(), amount: moneyText(lot.amount) },
          position: lot.position,
        })),
      },
    ];
  });
}

/** A balance on the normal side of the account; null without postings. */
function ownBalance(account: Account, balances: Balances): string | null {
  if (!balances.has(account.code)) return null;
  const net = balanceOf(balances, account.code);
  return moneyText(growsByDebit(account.type) ? net : negateCents(net));
}

/** Changes of the chart and of the mapping up to a position, newest first. */
async function changesOf(
  journal: Journal,
  upTo: Position | undefined,
): Promise<readonly RecordedEvent<'CoaChanged' | 'CoaMappingChanged'>[]> {
  const filter = { types: ['CoaChanged', 'CoaMappingChanged'] } as const;
  const events = await journal.readAll({ direction: 'backwards', limit: MOST_VERSIONS, filter });
  return (events as readonly RecordedEvent<'CoaChanged' | 'CoaMappingChanged'>[]).filter(
    ({ position }) => upTo === undefined || position <= upTo,
  );
}
