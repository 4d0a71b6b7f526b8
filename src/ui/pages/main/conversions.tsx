import type { ReactElement } from 'react';
import type { Status } from '../../generated/status.js';
import { Card } from '../../parts/card.js';
import { DataTable, type Column } from '../../parts/data-table.js';
import { Quantity } from '../../parts/money.js';
import { Time } from '../../parts/time.js';
import { main } from './messages.js';

type Conversion = NonNullable<Status['share_conversions']>[number];

const { conversion: heads } = main;

const COLUMNS: readonly Column<Conversion>[] = [
  { key: 'at', head: heads.at, cell: ({ happened_at: at }) => <Time at={at} /> },
  { key: 'kind', head: heads.kind, cell: ({ kind }) => heads.kinds[kind] },
  { key: 'symbol', head: heads.symbol, cell: ({ symbol }) => <strong>{symbol}</strong> },
  { key: 'before', head: heads.before, right: true, cell: (row) => <Quantity value={row.shares_before} /> },
  { key: 'new', head: heads.newSymbol, cell: ({ new_symbol: symbol }) => <strong>{symbol}</strong> },
  { key: 'after', head: heads.after, right: true, cell: (row) => <Quantity value={row.shares_after} /> },
  { key: 'text', head: heads.text, wide: true, cell: ({ description }) => description },
];

/** The last splits and changes of symbol that shares were held through; nothing where there were none. */
export function Conversions({ status }: { readonly status: Status }): ReactElement | null {
  const { share_conversions: conversions = [] } = status;
  if (conversions.length === 0) return null;
  return (
    <Card title={main.conversions}>
      <DataTable
        label={main.conversions}
        columns={COLUMNS}
        rows={conversions.toReversed()}
        rowKey={(row) => `${row.happened_at} ${row.symbol} ${row.new_symbol}`}
      />
    </Card>
  );
}
