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
  { key: 'before', head: heads.before, cell: (row) => <Shares of={row.shares_before} symbol={row.symbol} /> },
  { key: 'after', head: heads.after, cell: (row) => <Shares of={row.shares_after} symbol={row.new_symbol} /> },
  { key: 'text', head: heads.text, wide: true, cell: ({ description }) => description },
];

function Shares({ of, symbol }: { readonly of: string; readonly symbol: string }): ReactElement {
  return (
    <>
      <Quantity value={of} /> <strong>{symbol}</strong>
    </>
  );
}

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
