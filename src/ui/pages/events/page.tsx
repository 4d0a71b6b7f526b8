import { Switch } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useEffect, type ReactElement } from 'react';
import { api } from '../../api/client.js';
import { onLiveEvent } from '../../api/live.js';
import { usePages } from '../../api/pages.js';
import { askAgain } from '../../api/query.js';
import type { components } from '../../generated/api.js';
import { shortPosition } from '../../lib/format.js';
import { useAsOf, useParams, useSetParams } from '../../lib/url.js';
import { Card } from '../../parts/card.js';
import { DataTable, FilterBox, type Column } from '../../parts/data-table.js';
import { EventPageLink } from '../../parts/event-link.js';
import { Loading, ProblemNotice } from '../../parts/state.js';
import { Time } from '../../parts/time.js';
import { events as texts } from './messages.js';

type Event = components['schemas']['EventAnswer'];

const { columns: heads } = texts;
const PAGE = 100;

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
  const list = usePages(['events', type, stream, correlation, asof], (cursor, signal) =>
    api.GET('/api/journal/events', {
      signal,
      params: { query: { limit: PAGE, ...given({ cursor, type, stream, correlation, asof: asof ?? '' }) } },
    }),
  );
  const wanted = follow !== '' && asof === null;
  // Asking again for all older pages with each event is too much for the bot.
  const paused = wanted && (list.rows?.length ?? 0) > PAGE;
  const following = wanted && !paused;
  useEffect(() => {
    if (!following) return undefined;
    return onLiveEvent(() => askAgain({ queryKey: ['events'] }));
  }, [following]);
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
      {list.rows === undefined ? (
        list.error === null ? (
          <Loading lines={12} />
        ) : null
      ) : (
        <DataTable
          label={texts.list}
          columns={COLUMNS}
          rows={list.rows}
          rowKey={({ position }) => position}
          more={list.more}
          empty={texts.none}
        />
      )}
    </Card>
  );
}

/** What is asked for: empty texts are left out. */
function given<Of extends Readonly<Record<string, string | undefined>>>(query: Of): Partial<Record<keyof Of, string>> {
  const entries = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  return Object.fromEntries(entries) as Partial<Record<keyof Of, string>>;
}
