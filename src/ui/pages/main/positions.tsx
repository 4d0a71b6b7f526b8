import type { ReactElement } from 'react';
import type { Status } from '../../generated/status.js';
import { Card } from '../../parts/card.js';
import { DataTable, type Column } from '../../parts/data-table.js';
import { Figure } from '../../parts/figure.js';
import { Delta, Money, NoValue, Quantity } from '../../parts/money.js';
import { main } from './messages.js';

type Position = Status['open_positions'][number];

const asked = (row: Position, field: string, name: string, shown: ReactElement): ReactElement => (
  <Figure name={`${name} of ${row.ticker}`} field={`open_positions.${field}`} of={{ symbol: row.ticker }}>
    {shown}
  </Figure>
);

const { columns: heads } = main;

const COLUMNS: readonly Column<Position>[] = [
  { key: 'symbol', head: heads.symbol, cell: ({ ticker }) => <strong>{ticker}</strong> },
  { key: 'side', head: heads.side, cell: ({ trade_side: side }) => side },
  {
    ...{ key: 'size', head: heads.size, right: true },
    cell: (row) => asked(row, 'size', heads.size, <Quantity value={row.size} />),
  },
  {
    ...{ key: 'price', head: heads.price, right: true },
    cell: (row) => asked(row, 'average_price', heads.price, <Quantity value={row.average_price} />),
  },
  { key: 'last', head: heads.last, right: true, cell: ({ last_price: last }) => <Quantity value={last} /> },
  {
    ...{ key: 'unrealized', head: heads.unrealized, right: true },
    cell: (row) => asked(row, 'unrealized', heads.unrealized, <Delta amount={row.unrealized} />),
  },
  {
    ...{ key: 'stop', head: heads.stop, right: true },
    cell: (row) =>
      row.stop === null ? <NoValue why={main.none} /> : asked(row, 'stop', heads.stop, <Quantity value={row.stop} />),
  },
  {
    ...{ key: 'cost', head: heads.cost, right: true, wide: true },
    cell: (row) => asked(row, 'amount', heads.cost, <Money amount={row.amount} />),
  },
  { key: 'strategy', head: heads.strategy, wide: true, cell: ({ strategy_name: name }) => name ?? main.none },
];

/** What is open now, with the price, the stop and the result so far. */
export function Positions({ status }: { readonly status: Status }): ReactElement {
  return (
    <Card title={main.positions}>
      <DataTable
        label={main.positions}
        columns={COLUMNS}
        rows={status.open_positions}
        rowKey={({ ticker }) => ticker}
        empty={main.noPositions}
      />
    </Card>
  );
}
