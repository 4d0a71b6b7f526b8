import { NativeSelect } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { api, download, send } from '../../api/client.js';
import { usePages } from '../../api/pages.js';
import { asProblem, type Problem } from '../../api/problem.js';
import { queries, useApi } from '../../api/query.js';
import type { components } from '../../generated/api.js';
import { shortPosition } from '../../lib/format.js';
import { useAsOf } from '../../lib/url.js';
import { Card } from '../../parts/card.js';
import { DayField } from '../../parts/day-field.js';
import { DataTable, type Column } from '../../parts/data-table.js';
import { EventLink } from '../../parts/event-link.js';
import { FormBody, useServerForm } from '../../parts/form.js';
import { NextSession } from '../../parts/next-session.js';
import { Empty, Loading, Notice, ProblemNotice } from '../../parts/state.js';
import { Time } from '../../parts/time.js';
import { exportsTexts as texts } from './messages.js';
import { dayFaults, requestOf, type Wanted } from './request.js';

type File = components['schemas']['ExportAnswer'];

const PAGE = 50;
const TASK_MS = 1_000;

/** Files of the books for other programs: make one, and download any that there is. */
export default function ExportsPage(): ReactElement {
  const past = useAsOf() !== null;
  const [task, setTask] = useState<string | null>(null);
  return (
    <div className="cards">
      {past ? <Notice icon="clock" title={texts.past} /> : <Make begun={setTask} />}
      {task === null ? null : <Task key={task} id={task} />}
      <Files />
    </div>
  );
}

function Make({ begun }: { readonly begun: (taskId: string) => void }): ReactElement {
  const values: Wanted = { format: 'ofx', range: 'last', session: '', from: '', to: '' };
  const state = useServerForm<Wanted>({
    values,
    validate: (wanted) => dayFaults(wanted),
    send: async (wanted) => {
      const { taskId } = await send(() => api.POST('/api/exports', { body: requestOf(wanted) }));
      begun(taskId);
    },
  });
  const { form } = state;
  const { range, session, from, to } = form.getValues();
  const day = (name: 'session' | 'from' | 'to'): ReactElement => (
    <DayField
      label={texts[name]}
      {...form.getInputProps(name)}
      value={form.getValues()[name]}
      change={(value) => form.setFieldValue(name, value)}
    />
  );
  return (
    <Card title={texts.make}>
      <FormBody of={state} label={texts.submit}>
        <div className="form-row">
          <NativeSelect
            label={texts.format}
            data={Object.entries(texts.formats).map(([value, label]) => ({ value, label }))}
            {...form.getInputProps('format')}
          />
          <NativeSelect
            label={texts.range}
            data={Object.entries(texts.ranges).map(([value, label]) => ({ value, label }))}
            {...form.getInputProps('range')}
          />
          {range === 'session' ? day('session') : null}
          {range === 'days' || range === 'now' ? day('from') : null}
          {range === 'days' ? day('to') : null}
        </div>
        <p className="dim">{effectOf(range, session, from, to)}</p>
      </FormBody>
    </Card>
  );
}

function effectOf(range: Wanted['range'], session: string, from: string, to: string): string {
  const { effect } = texts;
  if (range === 'session') return effect.session(session);
  return range === 'days' ? effect.days(from, to) : effect[range];
}

/** How the export stands; asked until it has ended, and then the list is read again. */
function Task({ id }: { readonly id: string }): ReactElement {
  const [over, setOver] = useState(false);
  const task = useApi(
    ['book-task', id],
    async (signal) => {
      const answer = await api.GET('/api/books/tasks/{id}', { signal, params: { path: { id } } });
      if (answer.data !== undefined && !['waiting', 'running'].includes(answer.data.state)) {
        setOver(true);
        void queries.invalidateQueries({ queryKey: ['exports'] });
      }
      return answer;
    },
    over ? {} : { pollMs: TASK_MS },
  );
  if (task.data === undefined)
    return task.error === null ? <Loading lines={1} /> : <ProblemNotice problem={task.error} />;
  const { state, summary, findings } = task.data;
  const good = state === 'done';
  return (
    <Notice
      icon={good ? 'check' : over ? 'alert' : 'clock'}
      title={good ? texts.done : over ? texts.failed : texts.running}
      tone={over && !good ? 'bad' : 'calm'}
    >
      {summary}
      {findings.map((line) => (
        <p key={line}>{line}</p>
      ))}
    </Notice>
  );
}

function Files(): ReactElement {
  const list = usePages<File>(
    ['exports'],
    (cursor, signal) =>
      api.GET('/api/exports', {
        signal,
        params: { query: { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) } },
      }),
    { live: ['OfxExported', 'BooksExported'] },
  );
  const { rows, error, again, more } = list;
  return (
    <Card title={texts.list}>
      {error === null ? null : <ProblemNotice problem={error} again={again} />}
      {rows === undefined ? (
        error === null ? (
          <Loading lines={8} />
        ) : null
      ) : (
        <DataTable
          label={texts.list}
          columns={COLUMNS}
          rows={rows}
          rowKey={({ format, name, upTo }) => `${format} ${name} ${upTo}`}
          more={more}
          empty={
            <Empty title={texts.none}>
              {texts.noneWhy}
              <NextSession />
            </Empty>
          }
        />
      )}
    </Card>
  );
}

const { columns: heads } = texts;

const COLUMNS: readonly Column<File>[] = [
  { key: 'file', head: heads.file, cell: (row) => <Download of={row} /> },
  { key: 'to', head: heads.to, cell: ({ to }) => <Time at={to} /> },
  { key: 'made', head: heads.made, wide: true, cell: ({ at }) => <Time at={at} /> },
  {
    ...{ key: 'position', head: heads.position, right: true, wide: true },
    cell: ({ upTo }) => <EventLink id={`event:${upTo}`} type={shortPosition(upTo)} />,
  },
  {
    ...{ key: 'size', head: heads.size, right: true, wide: true },
    cell: ({ bytes }) => (bytes === null ? null : `${Math.ceil(bytes / 1_024)} kB`),
  },
  { key: 'by', head: heads.by, wide: true, cell: ({ byName }) => byName },
  {
    ...{ key: 'sha256', head: heads.sha256, wide: true },
    cell: ({ sha256 }) => <code title={sha256}>{sha256.slice(0, 12)}</code>,
  },
];

/** The file is compared with the journal before it is sent; a refusal is shown at its row. */
function Download({ of: { fileName, bytes, href } }: { readonly of: File }): ReactElement {
  const [problem, setProblem] = useState<Problem | null>(null);
  if (bytes === null) {
    return (
      <span title={texts.missingWhy}>
        {fileName} <span className="dim">({texts.missing})</span>
      </span>
    );
  }
  const save = async (): Promise<void> => {
    setProblem(null);
    try {
      await download(href, fileName);
    } catch (error) {
      setProblem(asProblem(error));
    }
  };
  return (
    <>
      <button type="button" className="event-link" title={texts.download(fileName)} onClick={() => void save()}>
        {fileName}
      </button>
      {problem === null ? null : (
        <span role="alert" className="needs-person">
          {' '}
          {problem.message} {problem.remedy}
        </span>
      )}
    </>
  );
}
