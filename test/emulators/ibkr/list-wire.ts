import { Decimal } from '../../../src/kernel/decimal.js';
import type { Clock, EpochMs } from '../../../src/kernel/time.js';
import { hasEnded, type EmulatedExchange } from '../exchange/exchange.js';
import type { EmulatedExecution, EmulatedOrder } from '../exchange/types.js';
import type { ClientLink } from './client-link.js';
import * as layout from './layouts.js';
import type { WireIds } from './layouts.js';
import type { MarketWire } from './market-wire.js';
import { optionOf, symbolOf, wireQuantity } from './option-names.js';

/** What the lists need of the gateway. */
export interface ListedAccount {
  readonly exchange: EmulatedExchange;
  readonly market: Pick<MarketWire, 'listOption'>;
  readonly clock: Clock;
  readonly version: number;
  readonly accounts: readonly string[];
  readonly ledgerKeys: boolean;
  /** Symbols that mean two securities. */
  readonly ambiguous: ReadonlySet<string>;
  idsOf(order: EmulatedOrder): WireIds;
  sayExecution(order: EmulatedOrder, execution: EmulatedExecution, request: number, to: ClientLink): void;
  error(id: number, code: number, text: string, to: ClientLink): void;
}

/** The lists that a client asks for: orders, executions, positions, figures, securities. */
export class ListWire {
  constructor(private readonly account: ListedAccount) {}

  openOrders(link: ClientLink): void {
    for (const order of this.account.exchange.openOrders()) {
      const ids = this.account.idsOf(order);
      const shown = ids.clientId === link.clientId ? ids : { ...ids, orderId: Math.min(ids.orderId, 0) };
      link.send('openOrder', layout.openOrder(order, shown, this.account.version));
      link.send('orderStatus', layout.orderStatus(order, shown));
    }
    link.send('openOrderEnd', [53, 1]);
  }

  completedOrders(link: ClientLink): void {
    for (const order of this.account.exchange.orders.values()) {
      if (hasEnded(order) && this.#isToday(order.updatedAt)) {
        link.send('completedOrder', layout.completedOrder(order, this.account.idsOf(order), this.account.version));
      }
    }
    link.send('completedOrdersEnd', [102]);
  }

  executions(link: ClientLink, request: number): void {
    for (const order of this.account.exchange.orders.values()) {
      for (const execution of order.executions) {
        if (this.#isToday(execution.at) && execution.state === 'valid')
          this.account.sayExecution(order, execution, request, link);
      }
    }
    link.send('executionsEnd', [55, 1, request]);
  }

  #isToday(at: EpochMs): boolean {
    return layout.gatewayTime(at).slice(0, 8) === layout.gatewayTime(this.account.clock.now()).slice(0, 8);
  }

  positions(link: ClientLink): void {
    for (const { symbol, quantity, cost } of this.account.exchange.positions()) {
      const count = wireQuantity(symbol, quantity);
      const average = cost.divide(count, { scale: 8, round: 'halfEven' });
      const security = layout.contract(symbol, optionOf(symbol) === undefined ? 'NASDAQ' : '');
      link.send('position', [61, 3, this.account.accounts[0], ...security, count, average]);
    }
    link.send('positionEnd', [62, 1]);
  }

  summary(link: ClientLink, request: number): void {
    const { cash } = this.account.exchange.account;
    const key = (name: string): string => (this.account.ledgerKeys ? `$LEDGER-${name}` : name);
    const rows: readonly (readonly [string, Decimal, string])[] = [
      ['BuyingPower', Decimal.max(cash, Decimal.ZERO), 'USD'],
      ['NetLiquidation', this.account.exchange.equity(), 'USD'],
      ['TotalCashValue', cash, 'USD'],
      [key('CashBalance'), cash, 'USD'],
      [key('CashBalance'), cash.plus(Decimal.of(500)), 'BASE'],
      [key('CashBalance'), Decimal.of(400), 'EUR'],
    ];
    for (const [tag, value, currency] of rows)
      link.send('accountSummary', [
        63,
        1,
        request,
        this.account.accounts[0],
        tag,
        value.rounded(2, 'halfEven'),
        currency,
      ]);
    link.send('accountSummaryEnd', [64, 1, request]);
  }

  details(link: ClientLink, f: readonly string[]): void {
    const request = Number(f[2]);
    const symbol = symbolOf(f.slice(4, 9));
    const known = this.account.exchange.symbol(symbol) ?? this.account.market.listOption(symbol);
    if (known === undefined) {
      this.account.error(request, 200, 'No security definition has been found for the request', link);
      return;
    }
    const step = known.fractionable === false || known.lot !== undefined ? '1' : '0.0001';
    const conId = layout.conIdOf(symbol);
    const row = { symbol, primary: 'NASDAQ', step, conId };
    link.send('contractDetails', layout.contractDetails(request, row, this.account.version));
    if (this.account.ambiguous.has(symbol)) {
      link.send(
        'contractDetails',
        layout.contractDetails(request, { ...row, primary: 'PINK', conId: conId + 1 }, this.account.version),
      );
    }
    link.send('contractDetailsEnd', [52, 1, request]);
  }
}
