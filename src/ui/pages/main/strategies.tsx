import type { ReactElement } from 'react';
import type { Status } from '../../generated/status.js';
import { Card, Pill } from '../../parts/card.js';
import { DataTable, type Column } from '../../parts/data-table.js';
import { Delta, NoValue } from '../../parts/money.js';
import { Time } from '../../parts/time.js';
import { main } from './messages.js';

interface Row {
  readonly name: string;
  readonly state: Status['strategy_states'][string];
  readonly last: Status['strategy_last_run'][string] | null;
}

const { strategy: heads, states } = main;

const COLUMNS: readonly Column<Row>[] = [
  { key: 'name', head: heads.name, cell: ({ name }) => <strong>{name}</strong> },
  { key: 'state', head: heads.state, cell: ({ state }) => stateOf(state) },
  { key: 'at', head: heads.scheduled, wide: true, cell: ({ state }) => <Time at={state.scheduled_utc} /> },
  { key: 'entries', head: heads.entries, right: true, cell: ({ last }) => last?.entries ?? <NoValue /> },
  { key: 'trades', head: heads.trades, right: true, cell: ({ last }) => last?.trades ?? <NoValue /> },
  { key: 'pnl', head: heads.pnl, right: true, cell: ({ last }) => <Delta amount={last?.PnL} /> },
  { key: 'error', head: heads.error, wide: true, cell: ({ state }) => state.last_error ?? '' },
];

/** Each strategy with its state and its last run. */
export function Strategies({ status }: { readonly status: Status }): ReactElement {
  const rows = Object.entries(status.strategy_states).map(([name, state]): Row => ({
    name,
    state,
    last: status.strategy_last_run[name] ?? null,
  }));
  return (
    <Card title={main.strategies}>
      <DataTable label={main.strategies} columns={COLUMNS} rows={rows} rowKey={({ name }) => name} />
    </Card>
  );
}

function stateOf({ failed, running, enabled }: Row['state']): ReactElement {
  if (failed) return <Pill tone="bad">{states.failed}</Pill>;
  if (running) return <Pill tone="on">{states.running}</Pill>;
  return <span className="dim">{enabled === false ? states.off : states.waiting}</span>;
}
