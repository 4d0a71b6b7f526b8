import type { ReactElement } from 'react';
import { api } from '../../api/client.js';
import { useApi } from '../../api/query.js';
import type { components } from '../../generated/api.js';
import { grouped, shortPosition } from '../../lib/format.js';
import { BookTask } from '../../parts/book-task.js';
import { Card, Pill } from '../../parts/card.js';
import { DataTable, type Column } from '../../parts/data-table.js';
import { EventPageLink } from '../../parts/event-link.js';
import { NoValue } from '../../parts/money.js';
import { State } from '../../parts/state.js';
import { Time } from '../../parts/time.js';
import { health as texts } from './messages.js';
import { memoryText } from './reports.js';

type Event = components['schemas']['EventAnswer'];

interface Backup {
  readonly name?: string;
  readonly position?: string;
  readonly count?: number;
  readonly bytes?: number;
}

const NEWEST = 8;
const BACKUPS = ['backups'] as const;
const REFRESH = [BACKUPS];
const { backup: heads } = texts;

const dataOf = ({ data }: Event): Backup => data;
const figure = (text: string | undefined): ReactElement =>
  text === undefined ? <NoValue why={texts.failed} /> : <span className="num">{text}</span>;

const COLUMNS: readonly Column<Event>[] = [
  { key: 'at', head: heads.at, cell: ({ occurredAt }) => <Time at={occurredAt} /> },
  {
    ...{ key: 'result', head: heads.result },
    cell: ({ type, position }) =>
      type === 'BackupFailed' ? (
        <>
          <Pill tone="bad">{texts.failed}</Pill> <EventPageLink position={position} type={type} />
        </>
      ) : (
        <EventPageLink position={position} type={texts.done} />
      ),
  },
  {
    ...{ key: 'position', head: heads.position, right: true },
    cell: (event) => figure(dataOf(event).position && shortPosition(dataOf(event).position ?? '')),
  },
  {
    ...{ key: 'count', head: heads.count, right: true, wide: true },
    cell: (event) => figure(dataOf(event).count === undefined ? undefined : grouped(String(dataOf(event).count))),
  },
  {
    ...{ key: 'size', head: heads.size, right: true },
    cell: (event) => figure(dataOf(event).bytes === undefined ? undefined : memoryText(dataOf(event).bytes ?? 0)),
  },
  { key: 'name', head: heads.name, wide: true, cell: (event) => dataOf(event).name ?? <NoValue why={texts.failed} /> },
];

/** The newest copies of the journal, and one more on request. */
export function Backups(): ReactElement {
  const found = useApi(
    BACKUPS,
    (signal) =>
      api.GET('/api/journal/events', {
        signal,
        params: { query: { type: 'BackupCompleted,BackupFailed', limit: NEWEST } },
      }),
    { live: ['BackupCompleted', 'BackupFailed', 'SessionClosed'], pollMs: 60_000 },
  );
  return (
    <Card title={texts.backups} aside={<BookTask kind="backup" refresh={REFRESH} />}>
      <State of={found} lines={4}>
        {({ items }) => (
          <DataTable
            label={texts.backups}
            columns={COLUMNS}
            rows={items}
            rowKey={({ position }) => position}
            empty={texts.noBackups}
          />
        )}
      </State>
    </Card>
  );
}
