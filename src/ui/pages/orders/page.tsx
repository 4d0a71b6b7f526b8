import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactElement, ReactNode } from 'react';
import { api } from '../../api/client.js';
import { usePages, type Rows } from '../../api/pages.js';
import type { components } from '../../generated/api.js';
import { words } from '../../lib/format.js';
import { useAsOf, useParams, useSetParams } from '../../lib/url.js';
import { Card, Pill } from '../../parts/card.js';
import { DataTable, FilterBox, type Column } from '../../parts/data-table.js';
import { FilterStrategy } from '../../parts/filter-strategy.js';
import { Figure } from '../../parts/figure.js';
import type { FigureKey } from '../../parts/figures.js';
import { Delta, Money, NoValue, Quantity } from '../../parts/money.js';
import { NextSession } from '../../parts/next-session.js';
import { Empty, Loading, ProblemNotice } from '../../parts/state.js';
import { Time } from '../../parts/time.js';
import { orders as texts } from './messages.js';
import styles from './orders.module.css';
import { toneOf } from './stage.js';

type Order = components['schemas']['OrderAnswer'];
type Trade = components['schemas']['EventAnswer'];

const PAGE = 50;
const TABS = ['orders', 'trades'] as const;
const ORDER_EVENTS = ['OrderIntended', 'OrderSubmitted', 'OrderAcknowledged', 'OrderFilled', 'OrderCancelled'] as const;
const OTHER_ENDS = ['OrderRejected', 'OrderExpired', 'OrderUnresolved', 'OrderResolved'] as const;

/** Orders and closed trades, newest first; an order opens its life. */
export default function OrdersPage(): ReactElement {
  const { tab = 'orders' } = useParams();
  const setParams = useSetParams();
  const shown = tab === 'trades' ? 'trades' : 'orders';
  return (
    <Card
      title={texts.lists[shown]}
      aside={
        <div role="group" aria-label={texts.tabsLabel} className={styles['tabs']}>
          {TABS.map((name) => (
            <Button
              key={name}
              size="compact-sm"
              variant={name === shown ? 'light' : 'default'}
              aria-pressed={name === shown}
              onClick={() => setParams({ tab: name === 'orders' ? '' : name }, { replace: false })}
            >
              {texts.tabs[name]}
            </Button>
          ))}
        </div>
      }
    >
      <div className="filters">
        <FilterBox param="symbol" label={texts.filters.symbol} />
        <FilterStrategy />
        <FilterBox param="session" label={texts.filters.session} />
      </div>
      {shown === 'trades' ? <Trades /> : <Orders />}
    </Card>
  );
}

interface Asked {
  readonly key: readonly string[];
  readonly query: Readonly<Record<string, string>>;
  readonly filtered: boolean;
}

/** Filters and moment of the address. */
function useAsked(): Asked {
  const { symbol = '', strategy = '', session = '' } = useParams();
  const asof = useAsOf() ?? '';
  const filters = { symbol: symbol.toUpperCase(), strategy: strategy.toLowerCase(), session };
  const given = Object.entries({ ...filters, asof }).filter(([, value]) => value !== '');
  return {
    key: [...Object.values(filters), asof],
    query: Object.fromEntries(given),
    filtered: given.length > (asof === '' ? 0 : 1),
  };
}

function Orders(): ReactElement {
  const { key, query, filtered } = useAsked();
  const list = usePages<Order>(
    ['orders', ...key],
    (cursor, signal) =>
      api.GET('/api/orders', {
        signal,
        params: { query: { limit: PAGE, ...query, ...(cursor === undefined ? {} : { cursor }) } },
      }),
    'asof' in query ? {} : { live: [...ORDER_EVENTS, ...OTHER_ENDS] },
  );
  return (
    <List of={list} columns={ORDER_COLUMNS} label={texts.lists.orders} rowKey={({ clientOrderId }) => clientOrderId}>
      {filtered ? (
        <Empty title={texts.none.filtered} />
      ) : (
        <Empty title={texts.none.orders}>
          {texts.none.ordersWhy}
          <NextSession />
        </Empty>
      )}
    </List>
  );
}

function Trades(): ReactElement {
  const { key, query, filtered } = useAsked();
  const list = usePages<Trade>(
    ['trades', ...key],
    (cursor, signal) =>
      api.GET('/api/trades', {
        signal,
        params: { query: { limit: PAGE, ...query, ...(cursor === undefined ? {} : { cursor }) } },
      }),
    'asof' in query ? {} : { live: ['PositionClosed'] },
  );
  return (
    <List of={list} columns={TRADE_COLUMNS} label={texts.lists.trades} rowKey={({ id }) => id}>
      {filtered ? (
        <Empty title={texts.none.filtered} />
      ) : (
        <Empty title={texts.none.trades}>
          {texts.none.tradesWhy}
          <NextSession />
        </Empty>
      )}
    </List>
  );
}

function List<Row>({
  of,
  columns,
  label,
  rowKey,
  children,
}: {
  readonly of: Rows<Row>;
  readonly columns: readonly Column<Row>[];
  readonly label: string;
  readonly rowKey: (row: Row) => string;
  readonly children: ReactNode;
}): ReactElement {
  const { rows, error, again, more } = of;
  return (
    <>
      {error === null ? null : <ProblemNotice problem={error} again={again} />}
      {rows === undefined ? (
        error === null ? (
          <Loading lines={10} />
        ) : null
      ) : (
        <DataTable {...{ label, columns, rows, rowKey, more }} empty={children} />
      )}
    </>
  );
}

const { columns: heads } = texts;

const ofOrder = (row: Order, figure: FigureKey, shown: ReactNode): ReactElement => (
  <Figure figure={figure} ask={row.clientOrderId} subject={row.clientOrderId}>
    {shown}
  </Figure>
);

const ORDER_COLUMNS: readonly Column<Order>[] = [
  {
    key: 'symbol',
    head: heads.symbol,
    cell: ({ clientOrderId, symbol }) => (
      <Link
        className={styles['link']}
        to="/orders/$id"
        params={{ id: clientOrderId }}
        aria-label={`${symbol}, ${clientOrderId}`}
      >
        <strong>{symbol}</strong>
      </Link>
    ),
  },
  { key: 'side', head: heads.side, cell: ({ side }) => words(side) },
  { key: 'state', head: heads.state, cell: ({ stage }) => <Pill tone={toneOf(stage)}>{stage}</Pill> },
  { key: 'at', head: heads.at, cell: ({ intendedAt }) => <Time at={intendedAt} /> },
  {
    key: 'purpose',
    head: heads.purpose,
    wide: true,
    cell: ({ purpose, exitReason }) => words(exitReason ?? purpose),
  },
  {
    ...{ key: 'quantity', head: heads.quantity, right: true, wide: true },
    cell: ({ quantity, notional }) => (quantity === null ? <Money amount={notional} /> : <Quantity value={quantity} />),
  },
  {
    ...{ key: 'filled', head: heads.filled, right: true, wide: true },
    cell: (row) => ofOrder(row, 'order.filled', <Quantity value={row.filled} />),
  },
  {
    ...{ key: 'price', head: heads.averaged, right: true },
    cell: (row) =>
      row.averagePrice === null ? <NoValue /> : ofOrder(row, 'order.price', <Quantity value={row.averagePrice} />),
  },
  {
    ...{ key: 'fees', head: heads.fees, right: true, wide: true },
    cell: (row) => ofOrder(row, 'order.fees', <Money amount={row.fees} />),
  },
  {
    ...{ key: 'slippage', head: heads.slippage, right: true, wide: true },
    cell: (row) =>
      row.slippage === null ? <NoValue /> : ofOrder(row, 'order.slippage', <Money amount={row.slippage} />),
  },
  { key: 'strategy', head: heads.strategy, wide: true, cell: ({ strategy }) => strategy },
];

/** A member of the event of a trade. */
function text({ data }: Trade, member: string): string {
  const value = (data as Readonly<Record<string, unknown>>)[member];
  return typeof value === 'string' ? value : '';
}

const ofTrade = (row: Trade, figure: FigureKey, shown: ReactNode): ReactElement => (
  <Figure figure={figure} ask={row.id} subject={text(row, 'symbol')}>
    {shown}
  </Figure>
);

const TRADE_COLUMNS: readonly Column<Trade>[] = [
  { key: 'symbol', head: heads.symbol, cell: (row) => <strong>{text(row, 'symbol')}</strong> },
  { key: 'side', head: heads.side, cell: (row) => text(row, 'side') },
  {
    key: 'net',
    head: heads.net,
    right: true,
    cell: (row) => ofTrade(row, 'trade.net', <Delta amount={text(row, 'netPnl')} />),
  },
  { key: 'at', head: heads.at, cell: (row) => <Time at={text(row, 'exitAt')} /> },
  {
    ...{ key: 'quantity', head: heads.quantity, right: true, wide: true },
    cell: (row) => ofTrade(row, 'trade.quantity', <Quantity value={text(row, 'quantity')} />),
  },
  {
    ...{ key: 'entry', head: heads.entry, right: true, wide: true },
    cell: (row) => ofTrade(row, 'trade.entry', <Quantity value={text(row, 'entryPrice')} />),
  },
  {
    ...{ key: 'exit', head: heads.exit, right: true, wide: true },
    cell: (row) => ofTrade(row, 'trade.exit', <Quantity value={text(row, 'exitPrice')} />),
  },
  {
    ...{ key: 'gross', head: heads.gross, right: true, wide: true },
    cell: (row) => ofTrade(row, 'trade.gross', <Delta amount={text(row, 'grossPnl')} />),
  },
  {
    ...{ key: 'fees', head: heads.fees, right: true, wide: true },
    cell: (row) => ofTrade(row, 'trade.fees', <Money amount={text(row, 'fees')} />),
  },
  { key: 'reason', head: heads.reason, cell: (row) => words(text(row, 'exitReason')) },
  { key: 'strategy', head: heads.strategy, wide: true, cell: (row) => text(row, 'strategy') },
];
