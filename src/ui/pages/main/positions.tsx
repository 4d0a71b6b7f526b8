import type { ReactElement } from 'react';
import type { Status } from '../../generated/status.js';
import { dollars, percent } from '../../lib/format.js';
import { Card } from '../../parts/card.js';
import { DataTable, type Column } from '../../parts/data-table.js';
import { Figure } from '../../parts/figure.js';
import { Delta, NoValue, Quantity } from '../../parts/money.js';
import { main } from './messages.js';
import type { RiskBody } from './risk.js';

/** A position with its distance to the stop; null without a stop, a price, or an answer yet. */
type Position = Status['open_positions'][number] & { readonly toStop: RiskBody['stops'][number] | null };

type Asked = 'size' | 'average_price' | 'last_price' | 'unrealized' | 'stop';

const asked = (row: Position, field: Asked, shown: ReactElement): ReactElement => (
  <Figure figure={`open_positions.${field}`} of={{ symbol: row.ticker }}>
    {shown}
  </Figure>
);

const { columns: heads } = main;

const COLUMNS: readonly Column<Position>[] = [
  { key: 'symbol', head: heads.symbol, cell: ({ ticker }) => <strong>{ticker}</strong> },
  { key: 'side', head: heads.side, cell: ({ trade_side: side }) => side },
  {
    ...{ key: 'size', head: heads.size, right: true, wide: true },
    cell: (row) => asked(row, 'size', <Quantity value={row.size} />),
  },
  {
    ...{ key: 'price', head: heads.price, right: true, wide: true },
    cell: (row) => asked(row, 'average_price', <Quantity value={row.average_price} />),
  },
  {
    ...{ key: 'last', head: heads.last, right: true, wide: true },
    cell: (row) =>
      row.last_price === null ? (
        <NoValue why={main.noPrice} />
      ) : (
        asked(row, 'last_price', <Quantity value={row.last_price} />)
      ),
  },
  {
    ...{ key: 'unrealized', head: heads.unrealized, right: true },
    cell: (row) => asked(row, 'unrealized', <Delta amount={row.unrealized} />),
  },
  {
    ...{ key: 'stop', head: heads.stop, right: true },
    cell: (row) =>
      row.stop === null ? <NoValue why={main.none} /> : asked(row, 'stop', <Quantity value={row.stop} />),
  },
  { key: 'toStop', head: heads.toStop, right: true, cell: (row) => <ToStop of={row.toStop} /> },
  { key: 'strategy', head: heads.strategy, wide: true, cell: ({ strategy_name: name }) => name ?? main.none },
];

function ToStop({ of }: { readonly of: Position['toStop'] }): ReactElement {
  if (of === null) return <NoValue why={main.noStop} />;
  return (
    <Figure figure="position.toStop" ask={`tostop:${of.symbol}`}>
      <span className={`num ${of.share.startsWith('-') ? 'needs-person' : ''}`} title={main.stopWhy(dollars(of.loss))}>
        {percent(of.share)}
      </span>
    </Figure>
  );
}

/** What is open now, with the price, the stop, the distance to it and the result so far. */
export function Positions({
  status,
  risk,
}: {
  readonly status: Status;
  readonly risk: RiskBody | undefined;
}): ReactElement {
  const stops = new Map((risk?.stops ?? []).map((one) => [one.symbol, one]));
  const rows = status.open_positions.map((one): Position => ({ ...one, toStop: stops.get(one.ticker) ?? null }));
  return (
    <Card title={main.positions}>
      <DataTable
        label={main.positions}
        columns={COLUMNS}
        rows={rows}
        rowKey={({ ticker }) => ticker}
        empty={main.noPositions}
      />
    </Card>
  );
}
