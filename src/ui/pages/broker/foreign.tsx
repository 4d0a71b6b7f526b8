import type { ReactElement } from 'react';
import type { Status } from '../../generated/status.js';
import { words } from '../../lib/format.js';
import { Card } from '../../parts/card.js';
import { DataTable, type Column } from '../../parts/data-table.js';
import { NoValue } from '../../parts/money.js';
import { Time } from '../../parts/time.js';
import { broker as texts } from './messages.js';

type Account = NonNullable<Status['foreign_account']>;
type Order = Account['orders'][number];
type Shares = Account['shares'][number];

const { order: heads } = texts;

const ORDERS: readonly Column<Order>[] = [
  { key: 'id', head: heads.id, cell: ({ broker_order_id: id }) => <code>{id}</code> },
  { key: 'symbol', head: heads.symbol, cell: ({ symbol }) => symbol },
  { key: 'side', head: heads.side, cell: ({ side }) => side },
  { key: 'quantity', head: heads.quantity, right: true, cell: ({ quantity }) => quantity ?? <NoValue /> },
  { key: 'filled', head: heads.filled, right: true, cell: ({ filled_quantity: filled }) => filled },
  { key: 'state', head: heads.state, cell: ({ state }) => words(state) },
  { key: 'placed', head: heads.placed, wide: true, cell: ({ placed_at: at }) => <Time at={at} /> },
];

const SHARES: readonly Column<Shares>[] = [
  { key: 'symbol', head: heads.symbol, cell: ({ symbol }) => symbol },
  { key: 'quantity', head: heads.quantity, right: true, cell: ({ quantity }) => quantity },
];

/** What others hold and order in the same account. */
export function Foreign({ of }: { readonly of: Status }): ReactElement {
  const { orders, shares } = of.foreign_account ?? { orders: [], shares: [] };
  return (
    <Card title={texts.foreign}>
      <p className="dim">{texts.foreignWhy}</p>
      {orders.length + shares.length === 0 ? <p>{texts.noForeign}</p> : null}
      {orders.length === 0 ? null : (
        <DataTable label={texts.orders} columns={ORDERS} rows={orders} rowKey={({ broker_order_id: id }) => id} />
      )}
      {shares.length === 0 ? null : (
        <DataTable label={texts.shares} columns={SHARES} rows={shares} rowKey={({ symbol }) => symbol} />
      )}
    </Card>
  );
}
