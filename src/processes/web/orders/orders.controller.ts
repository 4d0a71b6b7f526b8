import { Controller, Get, Inject } from '@nestjs/common';
import { openLedger } from '../../../adapters/ledger-reader/open-ledger.js';
import { closedTrades, orderLife, orderRows, type TradingQuery } from '../../../app/web-queries/order-pages.js';
import type { RecordedEvent } from '../../../events/event.js';
import { parseClientOrderId } from '../../../events/names.js';
import { TradeBotError } from '../../../kernel/errors.js';
import { moneyText } from '../../../kernel/money.js';
import { Needs, ServedIn } from '../common/access.js';
import { Answers } from '../common/answers.js';
import { Tag } from '../common/described.js';
import { PathInput, QueryInput } from '../common/input.js';
import { DEFAULT_PAGE } from '../common/paging.js';
import { notFound } from '../common/problem.js';
import { eventAnswer } from '../journal/event-answer.js';
import { pastPosition } from '../journal/past-position.js';
import { WEB_CONTEXT } from '../tokens.js';
import type { WebContext } from '../web-context.js';
import {
  ORDER_ID_SHAPE,
  OrderLifeAnswer,
  OrderQueryInput,
  OrdersAnswer,
  OrdersQueryInput,
  TradesAnswer,
  type OrderAnswer,
} from './orders.dto.js';

const POSTED: readonly string[] = ['OrderFilled', 'OrderFillCorrected', 'OrderFillBusted'];

@Tag('trading')
@Controller('api')
@ServedIn('dashboard')
@Needs('read')
export class OrdersController {
  constructor(@Inject(WEB_CONTEXT) private readonly context: WebContext) {}

  @Get('orders')
  @Answers(200, OrdersAnswer, 'Lists orders, newest first: what was wanted, what was filled, and what it cost.')
  async orders(@QueryInput(OrdersQueryInput) query: OrdersQueryInput): Promise<OrdersAnswer> {
    return orderRows(this.context.open().journal, await this.#queryOf(query));
  }

  @Get('trades')
  @Answers(200, TradesAnswer, 'Lists closed positions, newest first.')
  async trades(@QueryInput(OrdersQueryInput) query: OrdersQueryInput): Promise<TradesAnswer> {
    const { items, nextCursor } = await closedTrades(this.context.open().journal, await this.#queryOf(query));
    return { items: items.map(eventAnswer), nextCursor };
  }

  @Get('orders/:id')
  @Answers(
    200,
    OrderLifeAnswer,
    'Returns the life of an order: why it was sent, what the broker reported, what was posted.',
  )
  async order(
    @PathInput('id', ORDER_ID_SHAPE, 'Id of the order.') id: string,
    @QueryInput(OrderQueryInput) { asof }: OrderQueryInput,
  ): Promise<OrderLifeAnswer> {
    const { journal } = this.context.open();
    const life = await orderLife(journal, parseClientOrderId(id), await pastPosition(asof, journal));
    if (life === undefined) throw notFound('order with this id', 'The page Orders lists the orders of the bot.');
    const order: OrderAnswer = life.order;
    return { order, events: life.events.map(eventAnswer), ...this.#posted(life.events) };
  }

  async #queryOf({
    limit = DEFAULT_PAGE,
    cursor,
    symbol,
    strategy,
    session,
    asof,
  }: OrdersQueryInput): Promise<TradingQuery> {
    return { limit, cursor, symbol, strategy, session, asof: await pastPosition(asof, this.context.open().journal) };
  }

  /** A life is shown without its entries when the ledger cannot be read. */
  #posted(events: readonly RecordedEvent[]): Pick<OrderLifeAnswer, 'entries' | 'postedUpTo' | 'ledgerFault'> {
    try {
      const ledger = openLedger(this.context.open().paths.output.ledgerDb);
      try {
        const names = new Map(ledger.accounts().map(({ code, name }) => [code, name]));
        const groups = events
          .filter(({ type }) => POSTED.includes(type))
          .flatMap((event) => ledger.groupsAt(event.position));
        const entries = groups.map(({ sourceEventId, fitid, description, legs }) => ({
          ...{ eventId: sourceEventId, fitid, description },
          legs: legs.map(({ accountCode, debit, credit }) => ({
            ...{ account: accountCode, name: names.get(accountCode) ?? '' },
            ...{ debit: moneyText(debit), credit: moneyText(credit) },
          })),
        }));
        return { entries, postedUpTo: ledger.reached(), ledgerFault: null };
      } finally {
        ledger.close();
      }
    } catch (error) {
      if (!(error instanceof TradeBotError)) throw error;
      const { message, remedy } = error;
      return { entries: [], postedUpTo: null, ledgerFault: { message, remedy } };
    }
  }
}
