import type { ReactElement } from 'react';
import { api } from '../../api/client.js';
import { useApi } from '../../api/query.js';
import type { components } from '../../generated/api.js';
import { words } from '../../lib/format.js';
import { useBriefing } from '../../api/status.js';
import { Card, Pill } from '../../parts/card.js';
import { DataTable, type Column } from '../../parts/data-table.js';
import { NoValue } from '../../parts/money.js';
import { State } from '../../parts/state.js';
import { Age, Time } from '../../parts/time.js';
import { health as texts } from './messages.js';
import { memoryText, reportsText } from './reports.js';

type Process = components['schemas']['ProcessAnswer'];

const POLL_MS = 3_000;
const { columns: heads } = texts;

/** Main and its processes as they are now. */
export function Processes(): ReactElement {
  const found = useApi(['processes'], (signal) => api.GET('/api/processes', { signal }), {
    ...{ live: ['ProcessStarted', 'ProcessStopped', 'ProcessCrashed'], pollMs: POLL_MS },
  });
  const { data: now } = useBriefing();
  const clock = now?.clock as { readonly utc: string } | null | undefined;
  const columns: readonly Column<Process>[] = [
    { key: 'name', head: heads.name, cell: ({ process }) => process },
    { key: 'state', head: heads.state, cell: ({ state }) => <ProcessState of={state} /> },
    { key: 'since', head: heads.since, wide: true, cell: ({ startedAt }) => <Time at={startedAt} /> },
    {
      ...{ key: 'alive', head: heads.alive },
      cell: ({ aliveAt }) =>
        aliveAt === null ? <NoValue /> : <Age key={aliveAt} at={aliveAt} now={clock?.utc ?? null} />,
    },
    {
      ...{ key: 'memory', head: heads.memory, right: true },
      cell: ({ rssBytes }) => (rssBytes === null ? <NoValue /> : memoryText(rssBytes)),
    },
    { key: 'restarts', head: heads.restarts, right: true, cell: ({ restarts }) => restarts },
    { key: 'pid', head: heads.pid, right: true, wide: true, cell: ({ pid }) => pid ?? <NoValue /> },
  ];
  return (
    <Card title={texts.processes}>
      <State of={found} lines={5}>
        {({ processes }) => (
          <DataTable
            label={texts.processes}
            columns={columns}
            rows={processes}
            rowKey={({ process, pid }) => `${process} ${pid ?? ''}`}
            detail={reportsOf}
          />
        )}
      </State>
    </Card>
  );
}

/** What the process says of itself. */
const reportsOf = ({ figures }: Process): string => reportsText(figures as Readonly<Record<string, string>>);

function ProcessState({ of }: { readonly of: string }): ReactElement {
  if (of === 'running' || of === 'stopped') return <>{of}</>;
  return <Pill tone={of === 'given up' ? 'bad' : 'warn'}>{words(of)}</Pill>;
}
