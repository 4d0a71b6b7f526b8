import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { api } from '../../api/client.js';
import { useApi } from '../../api/query.js';
import type { components } from '../../generated/api.js';
import { words } from '../../lib/format.js';
import { useAsOf } from '../../lib/url.js';
import { Card, Pill } from '../../parts/card.js';
import { DataTable, type Column } from '../../parts/data-table.js';
import { NoValue, Quantity } from '../../parts/money.js';
import { State } from '../../parts/state.js';
import { Time } from '../../parts/time.js';
import { toneOf } from '../orders/stage.js';
import styles from './main.module.css';
import { main } from './messages.js';

type Order = components['schemas']['OrderAnswer'];

const SHOWN = 6;
const { orderColumns: heads } = main;

const COLUMNS: readonly Column<Order>[] = [
  { key: 'at', head: heads.at, cell: ({ intendedAt }) => <Time at={intendedAt} date={false} /> },
  {
    ...{ key: 'symbol', head: heads.symbol },
    cell: ({ symbol, clientOrderId }) => (
      <Link className="event-link" to="/orders/$id" params={{ id: clientOrderId }}>
        <strong>{symbol}</strong>
      </Link>
    ),
  },
  { key: 'side', head: heads.side, cell: ({ side }) => words(side) },
  { key: 'purpose', head: heads.purpose, wide: true, cell: ({ purpose, exitReason }) => words(exitReason ?? purpose) },
  {
    ...{ key: 'quantity', head: heads.quantity, right: true, wide: true },
    cell: ({ quantity, notional, filled }) =>
      quantity === null && notional !== null ? <Quantity value={filled} /> : <Quantity value={quantity} />,
  },
  {
    ...{ key: 'price', head: heads.price, right: true },
    cell: ({ averagePrice }) =>
      averagePrice === null ? <NoValue why={main.notFilled} /> : <Quantity value={averagePrice} />,
  },
  { key: 'state', head: heads.state, cell: ({ stage }) => <Pill tone={toneOf(stage)}>{words(stage)}</Pill> },
];

/** The newest orders of the session; each opens its life. */
export function LastOrders({ date }: { readonly date: string | null }): ReactElement {
  const asof = useAsOf();
  const answer = useApi(
    ['orders', 'last', date, asof],
    (signal) =>
      api.GET('/api/orders', {
        signal,
        params: { query: { limit: SHOWN, session: date ?? '', ...(asof === null ? {} : { asof }) } },
      }),
    { enabled: date !== null, ...(asof === null ? { live: 'every event' as const } : {}) },
  );
  return (
    <Card
      title={main.orders}
      aside={
        <Link className={`event-link ${styles['link'] ?? ''}`} to="/orders">
          {main.allOrders}
        </Link>
      }
    >
      {date === null ? (
        <p className="dim">{main.noOrders}</p>
      ) : (
        <State of={answer} lines={4}>
          {({ items }) => (
            <DataTable
              label={main.orders}
              columns={COLUMNS}
              rows={items}
              rowKey={({ clientOrderId }) => clientOrderId}
              empty={main.noOrders}
            />
          )}
        </State>
      )}
    </Card>
  );
}
