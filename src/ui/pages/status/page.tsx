import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import { download } from '../../api/client.js';
import { useConditions, useStatus } from '../../api/status.js';
import type { Status } from '../../generated/status.js';
import { capital, shortPosition, words } from '../../lib/format.js';
import { useAsOf } from '../../lib/url.js';
import { Card, Facts, Pill } from '../../parts/card.js';
import { Conditions, Outputs } from '../../parts/conditions.js';
import { DataTable, type Column } from '../../parts/data-table.js';
import { NoValue } from '../../parts/money.js';
import { State } from '../../parts/state.js';
import { Time } from '../../parts/time.js';
import { status as texts } from './messages.js';

/** Health with remedies, processes, jobs and projections. */
export default function StatusPage(): ReactElement {
  const status = useStatus();
  return (
    <div className="cards">
      <Health />
      <State of={status} lines={10}>
        {(body) => (
          <div className="cards cards-2">
            <BotCard status={body} />
            <Processes status={body} />
            <Jobs status={body} />
            <Outputs of={body.projections} />
          </div>
        )}
      </State>
    </div>
  );
}

/** Now, as the main process sees it; in the past, as the status had it. */
function Health(): ReactElement {
  const past = useAsOf() !== null;
  const conditions = useConditions();
  const status = useStatus();
  if (past) {
    return (
      <State of={status} lines={2}>
        {({ conditions: found, overall }) => <Conditions overall={overall.status} of={found ?? []} />}
      </State>
    );
  }
  return (
    <State of={conditions} lines={2}>
      {({ conditions: found, overall }) => <Conditions overall={overall} of={found} />}
    </State>
  );
}

function BotCard({ status }: { readonly status: Status }): ReactElement {
  const { facts } = texts;
  const compared = status.books_comparison.outcome;
  return (
    <Card
      title={texts.bot}
      aside={
        <Button size="compact-xs" variant="default" onClick={() => void download('/api/status', 'status.json')}>
          {texts.download}
        </Button>
      }
    >
      <Facts
        rows={[
          { name: facts.identity, value: status.bot_identity ?? <NoValue /> },
          { name: facts.version, value: status.version_tag ?? <NoValue /> },
          { name: facts.state, value: status.bot_state === null ? <NoValue /> : words(status.bot_state) },
          { name: facts.since, value: <Time at={status.bot_state_since} /> },
          {
            name: facts.position,
            value: <span className="num">{shortPosition(status.as_of.position ?? '')}</span>,
          },
          { name: facts.broker, value: status.broker_account?.text ?? status.broker.name ?? <NoValue /> },
          { name: facts.market, value: words(status.market_data.state) },
          {
            name: facts.killSwitch,
            value: status.kill_switch.triggered ? <Pill tone="bad">{texts.tripped}</Pill> : texts.notTripped,
          },
          {
            name: facts.defense,
            value: status.defense_mode.active ? <Pill tone="warn">{texts.active}</Pill> : texts.off,
          },
          { name: facts.reconciliation, value: compared ?? texts.notCompared },
        ]}
      />
    </Card>
  );
}

type Process = Status['processes'][string] & { readonly name: string };

const PROCESSES: readonly Column<Process>[] = [
  { key: 'name', head: texts.process.name, cell: ({ name }) => name },
  {
    ...{ key: 'state', head: texts.process.state },
    cell: ({ state }) => (state === 'dead' ? <Pill tone="bad">{state}</Pill> : state),
  },
  { key: 'since', head: texts.process.since, cell: ({ since }) => <Time at={since} /> },
  { key: 'deaths', head: texts.process.deaths, right: true, cell: ({ deaths }) => deaths },
];

function Processes({ status }: { readonly status: Status }): ReactElement {
  const rows = Object.entries(status.processes).map(([name, one]) => ({ ...one, name }));
  return (
    <Card title={texts.processes}>
      <DataTable
        label={texts.processes}
        columns={PROCESSES}
        rows={rows}
        rowKey={({ name }) => name}
        empty={texts.noProcesses}
      />
    </Card>
  );
}

interface Job {
  readonly name: string;
  readonly last_run: string | null;
  readonly result: string | null;
}

const JOBS: readonly Column<Job>[] = [
  { key: 'name', head: texts.job.name, cell: ({ name }) => capital(words(name)) },
  {
    key: 'last',
    head: texts.job.last,
    cell: ({ last_run: last }) => (last === null ? <span className="dim">{texts.never}</span> : <Time at={last} />),
  },
  { key: 'result', head: texts.job.result, cell: ({ result }) => result ?? <NoValue why={texts.never} /> },
];

function Jobs({ status }: { readonly status: Status }): ReactElement {
  const rows = Object.entries(status.jobs).map(([name, job]): Job => ({ name, last_run: null, result: null, ...job }));
  return (
    <Card title={texts.jobs}>
      <DataTable label={texts.jobs} columns={JOBS} rows={rows} rowKey={({ name }) => name} />
    </Card>
  );
}
