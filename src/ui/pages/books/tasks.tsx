import { NativeSelect } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { api } from '../../api/client.js';
import { useApi } from '../../api/query.js';
import type { components } from '../../generated/api.js';
import { BookTask } from '../../parts/book-task.js';
import { projectionName } from '../../lib/format.js';
import { Card, Pill } from '../../parts/card.js';
import { DataTable, type Column } from '../../parts/data-table.js';
import { State } from '../../parts/state.js';
import { Time } from '../../parts/time.js';
import { books } from './messages.js';

type Task = components['schemas']['BookTaskAnswer'];

const TASKS = ['book-tasks'] as const;
const REFRESH = [TASKS];
const POLL_MS = 3_000;
const ALL = 'all';
const { tasks: texts, work } = books;
const { columns: heads } = texts;

const COLUMNS: readonly Column<Task>[] = [
  { key: 'at', head: heads.at, cell: ({ startedAt }) => <Time at={startedAt} /> },
  {
    ...{ key: 'task', head: heads.task },
    cell: ({ kind, subject }) =>
      subject === ''
        ? texts.kinds[kind]
        : `${texts.kinds[kind]}, ${subject === ALL ? work.all : projectionName(subject)}`,
  },
  { key: 'state', head: heads.state, cell: (task) => <TaskState of={task} /> },
  { key: 'result', head: heads.result, cell: (task) => <Result of={task} /> },
  { key: 'by', head: heads.by, wide: true, cell: ({ byName }) => byName },
];

/** Care of the journal and of the files that are made from it, and how it ended. */
export function Tasks(): ReactElement {
  const found = useApi(TASKS, (signal) => api.GET('/api/books/tasks', { signal }), { pollMs: POLL_MS });
  return (
    <>
      <State of={found} lines={4}>
        {({ projections }) => <Work projections={projections} />}
      </State>
      <Card title={texts.title}>
        <State of={found} lines={6}>
          {({ tasks }) => (
            <DataTable
              label={texts.title}
              columns={COLUMNS}
              rows={tasks}
              rowKey={({ taskId }) => taskId}
              empty={texts.none}
            />
          )}
        </State>
      </Card>
    </>
  );
}

function Work({ projections }: { readonly projections: readonly string[] }): ReactElement {
  const [name, setName] = useState<string>(ALL);
  return (
    <Card title={work.title}>
      <div className="form">
        <p className="dim">{work.help}</p>
        <div className="form-row">
          <BookTask kind="verify" refresh={REFRESH} />
          <BookTask kind="seal" refresh={REFRESH} />
          <BookTask kind="backup" refresh={REFRESH} />
        </div>
        <NativeSelect
          label={work.files}
          description={work.filesHelp}
          data={[
            { value: ALL, label: work.all },
            ...projections.map((value) => ({ value, label: projectionName(value) })),
          ]}
          value={name}
          onChange={({ currentTarget }) => setName(currentTarget.value)}
        />
        <div className="form-row" key={name}>
          <BookTask kind="check" name={name} refresh={REFRESH} />
          <BookTask kind="rebuild" name={name} refresh={REFRESH} />
        </div>
      </div>
    </Card>
  );
}

const TONES = { waiting: 'calm', running: 'on', done: 'calm', differs: 'bad', failed: 'bad', cut_off: 'warn' } as const;

function TaskState({ of: { state, progress } }: { readonly of: Task }): ReactElement {
  const text = texts.states[state];
  return <Pill tone={TONES[state]}>{progress === null ? text : `${text}, ${progress}`}</Pill>;
}

function Result({ of: { summary, findings, file } }: { readonly of: Task }): ReactElement | null {
  if (summary === null) return null;
  const lines = file === null ? findings : [...findings, file];
  return (
    <>
      <p>{summary}</p>
      {lines.length === 0 ? null : (
        <ul className="dim">
          {lines.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
    </>
  );
}
