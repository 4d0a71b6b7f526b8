import type { ReactElement } from 'react';
import type { Status } from '../../generated/status.js';
import { words } from '../../lib/format.js';
import { Card, Facts, Pill } from '../../parts/card.js';
import { DataTable, type Column } from '../../parts/data-table.js';
import { Time } from '../../parts/time.js';
import { broker as texts } from './messages.js';

type Comparison = Status['books_comparison'];
type Mismatch = Comparison['mismatches'][number];

const { mismatch: heads } = texts;

const COLUMNS: readonly Column<Mismatch>[] = [
  { key: 'subject', head: heads.subject, cell: ({ subject, symbol }) => symbol ?? subject },
  { key: 'books', head: heads.books, right: true, cell: ({ books }) => books },
  { key: 'broker', head: heads.broker, right: true, cell: ({ broker }) => broker },
  { key: 'difference', head: heads.difference, right: true, cell: ({ difference }) => difference },
  { key: 'at', head: heads.at, wide: true, cell: ({ found_at: at }) => <Time at={at} /> },
];

/** Whether books and broker agree, since when that is known, and what differs. */
export function Books({ of }: { readonly of: Status }): ReactElement {
  const { compared_at: at, outcome, entries_held: held, mismatches } = of.books_comparison;
  return (
    <Card title={texts.books} aside={<Outcome of={outcome} />}>
      <Facts
        rows={[
          { name: texts.compared.at, value: <Time at={at} /> },
          { name: texts.compared.entries, value: held ? <Pill tone="warn">{texts.held}</Pill> : texts.free },
        ]}
      />
      {mismatches.length === 0 ? null : (
        <DataTable label={texts.mismatches} columns={COLUMNS} rows={mismatches} rowKey={({ id }) => id} />
      )}
    </Card>
  );
}

function Outcome({ of }: { readonly of: Comparison['outcome'] }): ReactElement {
  if (of === null) return <Pill>{texts.notCompared}</Pill>;
  return <Pill tone={of === 'equal' ? 'calm' : 'warn'}>{words(of)}</Pill>;
}
