import type { ReactElement } from 'react';
import type { Status } from '../generated/status.js';
import { projectionName, sentence } from '../lib/format.js';
import { Card, Pill } from './card.js';
import { DataTable, type Column } from './data-table.js';
import { parts } from './messages.js';
import { Notice } from './state.js';
import { worstFirst } from './worst-first.js';

const { conditions: texts } = parts;

interface Condition {
  readonly code: string;
  readonly severity: string;
  readonly text: string;
  readonly remedy: string;
}

/** What is wrong now, each with its remedy, and the worst of it in one word. */
export function Conditions({
  overall,
  of,
}: {
  readonly overall: string;
  readonly of: readonly Condition[];
}): ReactElement {
  return (
    <Card
      title={texts.title}
      aside={<Pill tone={overall === 'OK' ? 'calm' : overall === 'Warning' ? 'warn' : 'bad'}>{overall}</Pill>}
    >
      <div className="cards">
        {of.length === 0 ? <p className="dim">{texts.fine}</p> : null}
        {worstFirst(of).map(({ code, severity, text, remedy }) => (
          <Notice key={code + text} icon="alert" title={sentence(text)} tone={severity === 'Critical' ? 'bad' : 'warn'}>
            {remedy}
          </Notice>
        ))}
      </div>
    </Card>
  );
}

type Projection = Status['projections'][number];

const COLUMNS: readonly Column<Projection>[] = [
  { key: 'name', head: texts.output, cell: ({ name }) => projectionName(name) },
  { key: 'lag', head: texts.behind, right: true, cell: ({ lag_events: lag }) => lag },
];
const STOPPED: Column<Projection> = {
  ...{ key: 'stopped', head: texts.stopped },
  cell: ({ stopped }) => (stopped === null ? '' : <Pill tone="bad">{stopped}</Pill>),
};

/** The books and files that are made from the journal: how far behind each is, and why one has stopped. */
export function Outputs({ of }: { readonly of: readonly Projection[] }): ReactElement {
  const columns = of.some(({ stopped }) => stopped !== null) ? [...COLUMNS, STOPPED] : COLUMNS;
  return (
    <Card title={texts.outputs}>
      <DataTable label={texts.outputs} columns={columns} rows={of} rowKey={({ name }) => name} />
    </Card>
  );
}
