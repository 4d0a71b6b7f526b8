import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import type { Status } from '../../generated/status.js';
import { Card, Pill } from '../../parts/card.js';
import { DataTable, type Column } from '../../parts/data-table.js';
import { Figure } from '../../parts/figure.js';
import { Delta, NoValue } from '../../parts/money.js';
import { Time } from '../../parts/time.js';
import styles from './main.module.css';
import { main } from './messages.js';

interface Row {
  readonly name: string;
  readonly state: Status['strategy_states'][string];
  /** Of the session that is shown; null when it has not run in it. */
  readonly run: Status['strategy_last_run'][string] | null;
  /** Its start in this session; null before it is planned. */
  readonly starts: string | null;
  readonly maxTrades: string | null;
}

const { strategy: heads, states } = main;

const COLUMNS: readonly Column<Row>[] = [
  { key: 'name', head: heads.name, cell: ({ name }) => <strong>{name}</strong> },
  { key: 'state', head: heads.state, cell: (row) => <StateOf of={row} /> },
  {
    ...{ key: 'entries', head: heads.entries, right: true },
    cell: ({ run, maxTrades }) =>
      run === null ? (
        <NoValue why={main.notRun} />
      ) : (
        <span className="num" title={main.entriesWhy}>
          {run.entries}
          {maxTrades === null ? null : <span className="dim">/{maxTrades}</span>}
        </span>
      ),
  },
  {
    ...{ key: 'pnl', head: heads.pnl, right: true },
    cell: ({ name, run }) =>
      run === null ? (
        <NoValue why={main.notRun} />
      ) : (
        <Figure figure="strategy.pnlToday" ask={`pnl:${run.date}/${name}`}>
          <Delta amount={run.PnL} />
        </Figure>
      ),
  },
];

/** Each strategy with its state, and what it did in this session. */
export function Strategies({ status }: { readonly status: Status }): ReactElement {
  const { date } = status.session;
  const rows = Object.entries(status.strategy_states).map(([name, state]): Row => {
    const last = status.strategy_last_run[name] ?? null;
    const starts = state.scheduled_utc ?? null;
    return {
      ...{ name, state, maxTrades: status.max_trades },
      run: last?.date === date ? last : null,
      starts: starts?.slice(0, 10) === date ? starts : null,
    };
  });
  return (
    <Card
      title={main.strategies}
      aside={
        <Link className={`event-link ${styles['link'] ?? ''}`} to="/decisions">
          {main.whyNoTrade}
        </Link>
      }
    >
      <DataTable label={main.strategies} columns={COLUMNS} rows={rows} rowKey={({ name }) => name} />
    </Card>
  );
}

function StateOf({ of: { state, run, starts } }: { readonly of: Row }): ReactElement {
  const { failed, running, enabled, last_error: error } = state;
  if (failed)
    return (
      <>
        <Pill tone="bad">{states.failed}</Pill> {error === null ? null : <div className={styles['note']}>{error}</div>}
      </>
    );
  if (running) return <Pill tone="on">{states.running}</Pill>;
  if (enabled === false) return <span className="dim">{states.off}</span>;
  if (run !== null) return <span className="dim">{states.ended}</span>;
  return (
    <span className="dim">
      {states.waiting}
      {starts === null ? null : (
        <>
          , <Time at={starts} date={false} />
        </>
      )}
    </span>
  );
}
