import { Button, Switch } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useEffect, useMemo, type ReactElement } from 'react';
import { api } from '../../api/client.js';
import { onLiveEvent } from '../../api/live.js';
import { usePages } from '../../api/pages.js';
import { askAgain, useApi } from '../../api/query.js';
import type { components } from '../../generated/api.js';
import { shortPosition } from '../../lib/format.js';
import { useAsOf, useParams, useSetParams } from '../../lib/url.js';
import { Card } from '../../parts/card.js';
import { DataTable, FilterBox, type Column } from '../../parts/data-table.js';
import { EventPageLink } from '../../parts/event-link.js';
import { Loading, ProblemNotice } from '../../parts/state.js';
import { Time } from '../../parts/time.js';
import { events as texts } from './messages.js';
import { withNewest } from './newest.js';

type Event = components['schemas']['EventAnswer'];

const { columns: heads } = texts;
const PAGE = 100;
/** Following asks for these alone: a small answer is on the page sooner. */
const NEWEST = 20;
/** Most types of events are not sent as they happen, such as a stop that moved. */
const UNSENT_MS = 1_000;

const COLUMNS: readonly Column<Event>[] = [
  { key: 'at', head: heads.at, cell: ({ occurredAt }) => <Time at={occurredAt} /> },
  { key: 'type', head: heads.type, cell: ({ position, type }) => <EventPageLink position={position} type={type} /> },
  { key: 'stream', head: heads.stream, wide: true, cell: ({ stream }) => stream },
  {
    key: 'actor',
    head: heads.actor,
    wide: true,
    cell: ({ meta }) => (meta as { readonly actor?: string }).actor ?? '',
  },
  { key: 'log', head: heads.log, wide: true, cell: (event) => <LinesLink of={event} /> },
  { key: 'position', head: heads.position, right: true, cell: ({ position }) => shortPosition(position) },
];

/** The log of a strategy has the events that name it, each with its position. */
function LinesLink({ of: { type, data, position } }: { readonly of: Event }): ReactElement | null {
  const strategy = data['strategy'];
  if (typeof strategy !== 'string') return null;
  return (
    <Link
      className="event-link"
      to="/log"
      search={{ asof: '', log: strategy, search: position }}
      title={texts.linesOf(type, strategy)}
    >
      {texts.lines}
    </Link>
  );
}

/** The journal, newest first: filter in the address, each event with its explanation, and new ones as they happen. */
export default function EventsPage(): ReactElement {
  const { type = '', stream = '', correlation = '', follow = '' } = useParams();
  const setParams = useSetParams();
  const asof = useAsOf();
  const filter = { type, stream, correlation, asof: asof ?? '' };
  const list = usePages(['events', type, stream, correlation, asof], (cursor, signal) =>
    api.GET('/api/journal/events', { signal, params: { query: { limit: PAGE, ...given({ cursor, ...filter }) } } }),
  );
  const wanted = follow !== '' && asof === null;
  // New rows at the top would move the older ones that somebody reads.
  const paused = wanted && (list.rows?.length ?? 0) > PAGE;
  const rows = useFollowed(list.rows, filter, wanted && !paused);
  return (
    <Card
      title={texts.list}
      aside={
        asof === null ? (
          <Switch
            label={texts.follow}
            checked={wanted}
            onChange={({ currentTarget }) => setParams({ follow: currentTarget.checked ? '1' : '' })}
          />
        ) : undefined
      }
    >
      <div className="filters">
        <FilterBox param="type" label={texts.type} />
        <FilterBox param="stream" label={texts.stream} />
        <FilterBox param="correlation" label={texts.correlation} />
      </div>
      {wanted ? <p className="dim">{paused ? texts.paused : texts.following}</p> : null}
      {list.error === null ? null : <ProblemNotice problem={list.error} again={list.again} />}
      {list.error?.status === 422 ? (
        <Button size="xs" variant="default" onClick={() => setParams({ type: '', stream: '', correlation: '' })}>
          {texts.clear}
        </Button>
      ) : null}
      {rows === undefined ? (
        list.error === null ? (
          <Loading lines={12} />
        ) : null
      ) : (
        <DataTable
          label={texts.list}
          columns={COLUMNS}
          rows={rows}
          rowKey={({ position }) => position}
          more={list.more}
          empty={texts.none}
        />
      )}
    </Card>
  );
}

/** The rows, and those that happened since while `following`. */
function useFollowed(
  rows: readonly Event[] | undefined,
  filter: Readonly<Record<'type' | 'stream' | 'correlation', string>>,
  following: boolean,
): readonly Event[] | undefined {
  const { type, stream, correlation } = filter;
  const newest = useApi(
    ['newest events', type, stream, correlation],
    (signal) =>
      api.GET('/api/journal/events', {
        signal,
        params: { query: { limit: NEWEST, ...given({ type, stream, correlation }) } },
      }),
    { enabled: following, live: ['reset'], pollMs: UNSENT_MS },
  );
  useEffect(() => {
    if (!following) return undefined;
    return onLiveEvent(() => askAgain({ queryKey: ['newest events'] }));
  }, [following]);
  const items = newest.data?.items;
  const known = useMemo(
    () => (!following || items === undefined || rows === undefined ? rows : withNewest(items, rows)),
    [following, items, rows],
  );
  const behind = known === undefined || known.length - (rows?.length ?? 0) > NEWEST / 2;
  useEffect(() => {
    if (behind && rows !== undefined) askAgain({ queryKey: ['events'] });
  }, [behind, rows]);
  return known ?? rows;
}

/** What is asked for: empty texts are left out. */
function given<Of extends Readonly<Record<string, string | undefined>>>(query: Of): Partial<Record<keyof Of, string>> {
  const entries = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  return Object.fromEntries(entries) as Partial<Record<keyof Of, string>>;
}
