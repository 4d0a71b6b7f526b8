import { Button, Switch } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useCallback, useEffect, useMemo, useRef, type ReactElement } from 'react';
import { api } from '../../api/client.js';
import { usePages } from '../../api/pages.js';
import { askAgain, useApi } from '../../api/query.js';
import { shortPosition } from '../../lib/format.js';
import { useAsOf, useParams, useSetParams } from '../../lib/url.js';
import { Card } from '../../parts/card.js';
import { DataTable, FilterBox, type Column } from '../../parts/data-table.js';
import { EventPageLink } from '../../parts/event-link.js';
import { Loading, ProblemNotice } from '../../parts/state.js';
import { Time } from '../../parts/time.js';
import { events as texts } from './messages.js';
import { withNewest } from './newest.js';
import { filterOf, withStreamed, type EventFilter, type EventRow } from './streamed.js';
import { useStreamed } from './use-streamed.js';

const { columns: heads } = texts;
const PAGE = 100;
/** Following asks for these alone: a small answer is on the page sooner. */
const NEWEST = 20;
/** Most types of events are not sent as they happen, such as a stop that moved. */
const UNSENT_MS = 1_000;
/** A row that was drawn as it came is asked for when the page has painted it. */
const SOON_MS = 250;

const COLUMNS: readonly Column<EventRow>[] = [
  { key: 'at', head: heads.at, cell: ({ occurredAt }) => <Time at={occurredAt} /> },
  { key: 'type', head: heads.type, cell: ({ position, type }) => <EventPageLink position={position} type={type} /> },
  { key: 'stream', head: heads.stream, wide: true, cell: ({ stream }) => <Clipped text={stream} /> },
  {
    key: 'actor',
    head: heads.actor,
    wide: true,
    cell: ({ meta }) => <Clipped text={(meta as { readonly actor?: string }).actor ?? ''} />,
  },
  { key: 'log', head: heads.log, wide: true, cell: (event) => <LinesLink of={event} /> },
  { key: 'position', head: heads.position, right: true, cell: ({ position }) => shortPosition(position) },
];

/** The id of a user is longer than all the rest of its row. */
function Clipped({ text }: { readonly text: string }): ReactElement {
  return (
    <span className="clip" title={text}>
      {text}
    </span>
  );
}

/** The log of a strategy has the events that name it, each with its position. */
function LinesLink({ of: { type, data, position } }: { readonly of: EventRow }): ReactElement | null {
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
  const params = useParams();
  const { whole = '', follow = '' } = params;
  const setParams = useSetParams();
  const asof = useAsOf();
  const filter = filterOf(params);
  const list = usePages(['events', ...Object.values(filter), asof], (cursor, signal) =>
    api.GET('/api/journal/events', {
      signal,
      params: { query: { limit: PAGE, ...given({ cursor, ...filter, asof: asof ?? '' }) } },
    }),
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
        <FilterBox param="stream" label={whole === '' ? texts.stream : texts.streamName} />
        <Switch
          label={texts.whole}
          checked={whole !== ''}
          onChange={({ currentTarget }) => setParams({ whole: currentTarget.checked ? '1' : '' })}
        />
        <FilterBox param="correlation" label={texts.correlation} />
      </div>
      {wanted ? <p className="dim">{paused ? texts.paused : texts.following}</p> : null}
      {list.error === null ? null : <ProblemNotice problem={list.error} again={list.again} />}
      {list.error?.status === 422 ? (
        <Button
          size="xs"
          variant="default"
          onClick={() => setParams({ type: '', stream: '', whole: '', correlation: '' })}
        >
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
  rows: readonly EventRow[] | undefined,
  filter: EventFilter,
  following: boolean,
): readonly EventRow[] | undefined {
  const newest = useApi(
    ['newest events', ...Object.values(filter)],
    (signal) =>
      api.GET('/api/journal/events', {
        signal,
        params: { query: { limit: NEWEST, ...given(filter) } },
      }),
    { enabled: following, live: ['reset'], pollMs: UNSENT_MS },
  );
  const items = newest.data?.items;
  const streamed = useStreamed(filter, { following, answered: items }, useAsk());
  const known = useMemo(
    () => (!following || items === undefined || rows === undefined ? rows : withNewest(items, rows)),
    [following, items, rows],
  );
  const behind = known === undefined || known.length - (rows?.length ?? 0) > NEWEST / 2;
  useEffect(() => {
    if (behind && rows !== undefined) askAgain({ queryKey: ['events'] });
  }, [behind, rows]);
  const shown = known ?? rows;
  return useMemo(() => (shown === undefined ? undefined : withStreamed(streamed, shown)), [streamed, shown]);
}

function useAsk(): (when: 'once' | 'soon') => void {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  return useCallback((when) => {
    const ask = (): void => {
      timer.current = undefined;
      askAgain({ queryKey: ['newest events'] });
    };
    if (when === 'once') ask();
    else timer.current ??= setTimeout(ask, SOON_MS);
  }, []);
}

/** What is asked for: empty texts are left out. */
function given<Of extends Readonly<Record<string, string | undefined>>>(query: Of): Partial<Record<keyof Of, string>> {
  const entries = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  return Object.fromEntries(entries) as Partial<Record<keyof Of, string>>;
}
