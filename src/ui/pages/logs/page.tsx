import { Button, NativeSelect, Switch } from '@mantine/core';
import { useEffect, type ReactElement } from 'react';
import { api, download } from '../../api/client.js';
import { usePages } from '../../api/pages.js';
import { queries, useApi } from '../../api/query.js';
import { useParams, useSetParams } from '../../lib/url.js';
import { Card } from '../../parts/card.js';
import { DataTable, FilterBox } from '../../parts/data-table.js';
import { Empty, Loading, ProblemNotice, State } from '../../parts/state.js';
import { columnsFor, type Row } from './columns.js';
import { logLine, sizeText } from './line.js';
import { logs as texts } from './messages.js';

const LINES = 200;
const FOLLOW_MS = 2_000;
/** What most people look for first. */
const FIRST = 'main_bot';

/** The logs that the user may read: one at a time, newest line first, searched by the server, followed live, downloaded. */
export default function LogsPage(): ReactElement {
  const list = useApi(['logs'], (signal) => api.GET('/api/logs', { signal }), { pollMs: 30_000 });
  const { log } = useParams();
  return (
    <State of={list} lines={12}>
      {({ logs: all }) => {
        const written = all.filter(({ bytes }) => bytes > 0);
        const name = log ?? (written.find((one) => one.name === FIRST) ?? written[0])?.name;
        if (name === undefined) return <Empty title={texts.noLogs}>{texts.noLogsHelp}</Empty>;
        return <Log name={name} options={all.map((one) => ({ value: one.name, label: labelOf(one) }))} />;
      }}
    </State>
  );
}

function labelOf({ name, bytes }: { readonly name: string; readonly bytes: number }): string {
  return `${name} (${sizeText(bytes)})`;
}

interface Option {
  readonly value: string;
  readonly label: string;
}

function Log({ name, options }: { readonly name: string; readonly options: readonly Option[] }): ReactElement {
  const { search = '', still = '' } = useParams();
  const setParams = useSetParams();
  const lines = useLines(name, search, still === '');
  const paused = still === '' && isBeyondFirst(lines.rows);
  const known = options.some(({ value }) => value === name);
  return (
    <Card
      title={texts.list(name)}
      aside={
        <Button
          size="compact-xs"
          variant="default"
          onClick={() => void download(`/api/logs/${encodeURIComponent(name)}/download`, `${name}.log`)}
        >
          {texts.download}
        </Button>
      }
    >
      <div className="filters">
        <NativeSelect
          size="sm"
          aria-label={texts.choose}
          data={known ? [...options] : [{ value: name, label: name }, ...options]}
          value={name}
          onChange={({ currentTarget }) => setParams({ log: currentTarget.value }, { replace: false })}
        />
        <FilterBox param="search" label={texts.search} />
        <Switch
          label={texts.follow}
          checked={still === ''}
          onChange={({ currentTarget }) => setParams({ still: currentTarget.checked ? '' : '1' })}
        />
      </div>
      {paused ? <p className="dim">{texts.paused}</p> : null}
      {lines.error === null ? null : <ProblemNotice problem={lines.error} again={lines.again} />}
      {lines.rows === undefined ? (
        lines.error === null ? (
          <Loading lines={12} />
        ) : null
      ) : (
        <DataTable
          label={texts.list(name)}
          columns={columnsFor(lines.rows)}
          rows={lines.rows}
          rowKey={({ key }) => key}
          more={lines.more}
          empty={search === '' ? texts.none : texts.noMatch(search)}
        />
      )}
    </Card>
  );
}

/** Whether older lines were read too: asking again for all of them every few seconds is too much for the bot. */
function isBeyondFirst(rows: readonly Row[] | undefined): boolean {
  return rows !== undefined && rows.length > LINES;
}

/** The lines of a log, newest first. What is followed is asked again while the page is in sight. */
function useLines(name: string, search: string, following: boolean) {
  const lines = usePages<Row>(['log', name, search], async (cursor, signal) => {
    const { data, ...answer } = await api.GET('/api/logs/{name}', {
      signal,
      params: {
        path: { name },
        query: {
          tail: LINES,
          ...(search === '' ? {} : { search }),
          ...(cursor === undefined ? {} : { cursor: Number(cursor) }),
        },
      },
    });
    if (data === undefined) return answer;
    const items = data.lines.map((text, at): Row => ({ ...logLine(text), key: `${cursor ?? ''} ${at}` })).reverse();
    return { ...answer, data: { items, nextCursor: data.older === null ? null : String(data.older) } };
  });
  const asks = following && !isBeyondFirst(lines.rows);
  useEffect(() => {
    if (!asks) return undefined;
    const timer = setInterval(() => {
      if (!document.hidden) void queries.invalidateQueries({ queryKey: ['log', name, search] });
    }, FOLLOW_MS);
    return () => clearInterval(timer);
  }, [asks, name, search]);
  return lines;
}
