import { expect } from '@jest/globals';
import { parseClientOrderId, parseSymbol } from '../../../src/events/names.js';
import { allActivities, dec, SALE, verdictOf } from '../broker-kit/desk.js';
import { placed, type IbkrBench, type IbkrCard } from './bench.js';

const PUT = parseSymbol('SPY260116P497.5');

/** A gateway whose exchange lists puts on SPY. */
function withPuts({ emulator }: Pick<IbkrBench, 'emulator'>): void {
  emulator.market.options.set('SPY', {
    expiries: ['20260116'],
    strikes: ['497.5', '500'],
    quote: () => ({ bid: '3.10', ask: '3.20', impliedVolatility: '0.2' }),
  });
}

/** Cards of options: the wire counts contracts, everything above the adapter units of the underlying. */
export const OPTION_CARDS: readonly IbkrCard[] = [
  {
    ...{ id: 'IB38', given: 'a put', when: 'three contracts are bought in two executions and one is sold' },
    ...{
      then: 'orders, fills, position and records are in units and add up to the cash of the account',
      source: 'TRD-23; ibkr.md wire',
    },
    run: async (bench) => {
      withPuts(bench);
      const { broker, exchange, emulator } = bench;
      const desk = bench.desk();
      expect(await broker.asset(PUT)).toMatchObject({ tradable: true, fractionable: false, minQuantity: dec('100') });
      await desk.trade(
        desk.order('k-1', '300', { symbol: PUT, orderType: 'limit', limitPrice: dec('3.20') }),
        desk.order('k-2', '100', { symbol: PUT, ...SALE }),
      );
      const [sent] = emulator.seen.filter(({ name }) => name === 'placeOrder');
      // symbol to trading class, quantity, type and price of the request
      expect(sent?.fields.slice(3, 9)).toEqual(['SPY', 'OPT', '20260116', '497.5', 'P', '100']);
      expect([sent?.fields[13], ...(sent?.fields.slice(16, 20) ?? [])]).toEqual(['SPY', 'BUY', '3', 'LMT', '3.2']);
      expect(desk.filled('k-1')).toEqual(dec('300'));
      expect(desk.fills().every(({ symbol, price }) => symbol === PUT && price.equals(dec('3.10')))).toBe(true);
      expect(await desk.statusOf('k-1')).toBe('filled');
      const [position] = await broker.positions();
      expect([position?.symbol, position?.quantity.shortText(), position?.averagePrice.shortText(2)]).toEqual([
        PUT,
        '200',
        '3.10',
      ]);
      const { cash } = await broker.account();
      const fees = exchange.account.executions.reduce((sum, { fee }) => sum.plus(fee), dec('0'));
      expect(cash.plus(fees).shortText(2)).toBe(bench.openingCash.minus(dec('620.00')).shortText(2));
      const next = bench.another({ address: { ...bench.address, clientId: 7 } });
      await broker.disconnect();
      await next.connect();
      const found = await next.orderByClientId(parseClientOrderId('k-1'));
      expect([found?.status, found?.filledQuantity.shortText()]).toEqual(['filled', '300']);
      const records = await allActivities(next, 1);
      const bought = records.flatMap((row) => (row.kind === 'fill' && row.update.side === 'buy' ? [row.update] : []));
      expect(bought.reduce((sum, { quantity }) => sum.plus(quantity), dec('0')).shortText()).toBe('300');
      expect(records.every((row) => row.kind === 'fill' && row.update.symbol === PUT)).toBe(true);
    },
  },
  {
    ...{ id: 'IB39', given: 'an option order that rests', when: 'it is listed, partly filled and cancelled' },
    ...{ then: 'every figure of it is in units', source: 'own' },
    run: async (bench) => {
      withPuts(bench);
      const { broker, exchange } = bench;
      const desk = bench.desk();
      await desk.trade(desk.order('k-1', '200', { symbol: PUT, orderType: 'limit', limitPrice: dec('1.00') }));
      const order = exchange.byClientId('k-1');
      exchange.fill(order?.id ?? '', dec('100'), dec('1.00'));
      await bench.pass();
      const [open] = await broker.openOrders();
      expect([open?.symbol, open?.quantity?.shortText(), open?.filledQuantity.shortText()]).toEqual([
        PUT,
        '200',
        '100',
      ]);
      await desk.cancel('k-1');
      await bench.pass();
      const found = await desk.find('k-1');
      expect([found?.status, found?.filledQuantity.shortText()]).toEqual(['cancelled', '100']);
    },
  },
  {
    ...{ id: 'IB40', given: 'an order of half a contract, or of an option that nobody lists', when: 'it is submitted' },
    ...{ then: 'the first does not leave, the second is refused', source: 'own' },
    run: async (bench) => {
      withPuts(bench);
      const { broker } = bench;
      const desk = bench.desk();
      const half = desk.order('k-1', '150', { symbol: PUT });
      expect(await verdictOf(broker.submit(half))).toBe('refuse INVALID_ORDER');
      expect(placed(bench)).toEqual([]);
      await desk.trade(desk.order('k-2', '100', { symbol: parseSymbol('BRK.B260116P400') }));
      expect(await desk.statusOf('k-2')).toBe('rejected');
    },
  },
  {
    ...{ id: 'IB41', given: 'options that are not standard ones', when: 'the account holds them' },
    ...{
      then: 'an adjusted class, another multiplier and another currency are no position of a symbol',
      source: 'own',
    },
    run: async (bench) => {
      const { broker, emulator } = bench;
      emulator.swallow('positions');
      const row = (conId: number, multiplier: string, tradingClass: string, currency = 'USD'): void => {
        const terms = [
          'SPY',
          'OPT',
          '20260116',
          '497.5',
          'P',
          multiplier,
          '',
          currency,
          `local-${conId}`,
          tradingClass,
        ];
        emulator.raw([61, 3, 'DU123456', conId, ...terms, 2, '310']);
      };
      const positions = broker.positions();
      await bench.pass();
      row(1, '10', 'SPY');
      row(2, '100', 'SPY1');
      row(3, '100', 'SPY', 'EUR');
      row(4, '100', 'SPY');
      emulator.raw([62, 1]);
      expect(
        (await positions).map(
          ({ symbol, quantity, averagePrice }) => `${symbol} ${quantity.shortText()} ${averagePrice.shortText()}`,
        ),
      ).toEqual([`${PUT} 200 3.1`]);
    },
  },
];
