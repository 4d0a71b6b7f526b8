import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { api } from '../../api/client.js';
import { useApi } from '../../api/query.js';
import { useStatus } from '../../api/status.js';
import type { components } from '../../generated/api.js';
import type { Status } from '../../generated/status.js';
import { percent } from '../../lib/format.js';
import { useAsOf } from '../../lib/url.js';
import { Card, Pill } from '../../parts/card.js';
import { DataTable, type Column } from '../../parts/data-table.js';
import { Figure } from '../../parts/figure.js';
import { Delta, NoValue } from '../../parts/money.js';
import { Notice, State } from '../../parts/state.js';
import { Time } from '../../parts/time.js';
import { Inverse } from './inverse.js';
import { strategies as texts } from './messages.js';
import { Tuning } from './tuning.js';

/** What each strategy does, what it made, own modules, the list of inverse ETFs, and what values of settings made. */
export default function StrategiesPage(): ReactElement {
  const status = useStatus();
  const past = useAsOf() !== null;
  return (
    <div className="cards">
      <State of={status} lines={5}>
        {(body) => <Now of={body} />}
      </State>
      {past ? null : (
        <>
          <Tuning />
          <div className="cards cards-2">
            <Own />
            <Inverse />
          </div>
        </>
      )}
    </div>
  );
}

interface Row {
  readonly name: string;
  readonly state: Status['strategy_states'][string];
  readonly last: Status['strategy_last_run'][string] | null;
  readonly rate: string | null;
}

const { columns: heads, states } = texts;
const count = (value: number | undefined): ReactElement =>
  value === undefined ? <NoValue why="no run yet" /> : <span className="num">{value}</span>;

const COLUMNS: readonly Column<Row>[] = [
  { key: 'name', head: heads.name, cell: ({ name }) => <strong>{name}</strong> },
  { key: 'state', head: heads.state, cell: ({ state }) => <StateOf of={state} /> },
  { key: 'window', head: heads.window, wide: true, cell: ({ state }) => <Time at={state.scheduled_utc} /> },
  { key: 'last', head: heads.last, wide: true, cell: ({ last }) => last?.date ?? <NoValue why="no run yet" /> },
  { key: 'candidates', head: heads.candidates, right: true, wide: true, cell: ({ last }) => count(last?.candidates) },
  { key: 'signals', head: heads.signals, right: true, wide: true, cell: ({ last }) => count(last?.signals) },
  { key: 'entries', head: heads.entries, right: true, wide: true, cell: ({ last }) => count(last?.entries) },
  { key: 'trades', head: heads.trades, right: true, cell: ({ last }) => count(last?.trades) },
  {
    ...{ key: 'pnl', head: heads.pnl, right: true },
    cell: ({ name, last }) =>
      last === null ? (
        <NoValue why="no run yet" />
      ) : (
        <Figure figure="strategy.pnl" ask={`pnl:${last.date}/${name}`}>
          <Delta amount={last.PnL} />
        </Figure>
      ),
  },
  {
    ...{ key: 'rate', head: heads.rate, right: true },
    cell: ({ name, rate }) =>
      rate === null ? (
        <NoValue why="no closed trade yet" />
      ) : (
        <Figure figure="win_rates.per_strategy" of={{ strategy: name }}>
          <span className="num">{percent(rate)}</span>
        </Figure>
      ),
  },
];
const ERROR: Column<Row> = {
  ...{ key: 'error', head: heads.error, wide: true },
  cell: ({ state }) => <span className="text">{state.last_error ?? ''}</span>,
};

function Now({ of }: { readonly of: Status }): ReactElement {
  const rows = Object.entries(of.strategy_states).map(([name, state]): Row => ({
    ...{ name, state },
    last: of.strategy_last_run[name] ?? null,
    rate: of.win_rates.per_strategy[name] ?? null,
  }));
  const columns = rows.some(({ state }) => state.last_error !== null) ? [...COLUMNS, ERROR] : COLUMNS;
  return (
    <Card
      title={texts.now}
      aside={
        <Link className="event-link" to="/decisions">
          {texts.why}
        </Link>
      }
    >
      <DataTable label={texts.now} columns={columns} rows={rows} rowKey={({ name }) => name} />
    </Card>
  );
}

function StateOf({ of: { failed, running, enabled } }: { readonly of: Row['state'] }): ReactElement {
  if (failed) return <Pill tone="bad">{states.failed}</Pill>;
  if (running) return <Pill tone="on">{states.running}</Pill>;
  return <span className="dim">{enabled === false ? states.off : states.waiting}</span>;
}

type Module = components['schemas']['OwnStrategyAnswer'];

const SHORT_DIGEST = 12;
const { ownColumns } = texts;

const OWN: readonly Column<Module>[] = [
  { key: 'name', head: ownColumns.name, cell: ({ name }) => <strong>{name}</strong> },
  { key: 'description', head: ownColumns.description, cell: ({ description }) => description },
  { key: 'file', head: ownColumns.file, wide: true, cell: ({ file }) => <code>{file}</code> },
  {
    ...{ key: 'digest', head: ownColumns.digest, wide: true },
    cell: ({ sha256 }) => <code title={sha256}>{sha256.slice(0, SHORT_DIGEST)}</code>,
  },
];

function Own(): ReactElement {
  const found = useApi(['own-strategies'], (signal) => api.GET('/api/strategies/own', { signal }));
  return (
    <Card title={texts.own}>
      <div className="form">
        <p className="dim">{texts.ownWhy}</p>
        <State of={found} lines={2}>
          {({ strategies, refused }) => (
            <>
              {refused.map(({ name, where, cause, remedy }) => (
                <Notice key={name} icon="alert" tone="bad" title={texts.refused(name)}>
                  <p>
                    <code>{where}</code>: {cause}
                  </p>
                  <p>{remedy}</p>
                </Notice>
              ))}
              <DataTable
                label={texts.own}
                columns={OWN}
                rows={strategies}
                rowKey={({ name }) => name}
                empty={texts.noOwn}
              />
            </>
          )}
        </State>
      </div>
    </Card>
  );
}
