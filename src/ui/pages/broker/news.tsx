import type { ReactElement } from 'react';
import { api } from '../../api/client.js';
import { usePages } from '../../api/pages.js';
import type { components } from '../../generated/api.js';
import { useAsOf } from '../../lib/url.js';
import { BrokerMessage } from '../../parts/broker-message.js';
import { Card } from '../../parts/card.js';
import { DataTable, type Column } from '../../parts/data-table.js';
import { EventPageLink } from '../../parts/event-link.js';
import { Loading, ProblemNotice } from '../../parts/state.js';
import { Time } from '../../parts/time.js';
import { broker as texts } from './messages.js';

type Event = components['schemas']['EventAnswer'];

const PAGE = 20;
const TYPES = [
  ...['BrokerSelected', 'BrokerSuspended', 'BrokerResumed', 'BrokerActivityImported', 'ActivityUnmapped'],
  ...['ForeignOrderSeen', 'ForeignFillBooked', 'ForeignFillBusted', 'BrokerFactRefused', 'SharesConverted'],
  ...['BooksMismatchFound', 'BooksMismatchResolved', 'OrderReloaded', 'OrderRejected'],
].join(',');
const { newsColumns: heads } = texts;

/** Fields that say in words what an event of the broker is about. */
const SAYING = ['reason', 'message', 'description', 'cause', 'symbol', 'broker'] as const;

const COLUMNS: readonly Column<Event>[] = [
  { key: 'at', head: heads.at, cell: ({ occurredAt }) => <Time at={occurredAt} /> },
  { key: 'event', head: heads.event, cell: ({ position, type }) => <EventPageLink position={position} type={type} /> },
  {
    key: 'what',
    head: heads.what,
    cell: ({ data }) => <span className="text">{whatText(data)}</span>,
  },
  {
    ...{ key: 'message', head: heads.message },
    cell: ({ id, frame }) => (frame === null ? null : <BrokerMessage id={id} />),
  },
];

/** What the broker reported beyond ordinary fills, newest first, each with the message behind it. */
export function News(): ReactElement {
  const asof = useAsOf();
  const list = usePages<Event>(
    ['broker-news', asof],
    (cursor, signal) =>
      api.GET('/api/journal/events', {
        signal,
        params: {
          query: {
            type: TYPES,
            limit: PAGE,
            ...(cursor === undefined ? {} : { cursor }),
            ...(asof === null ? {} : { asof }),
          },
        },
      }),
    asof === null ? { live: 'every event' } : {},
  );
  return (
    <Card title={texts.news}>
      {list.error === null ? null : <ProblemNotice problem={list.error} again={list.again} />}
      {list.rows === undefined ? (
        <Loading lines={5} />
      ) : (
        <DataTable
          label={texts.news}
          columns={COLUMNS}
          rows={list.rows}
          rowKey={({ position }) => position}
          more={list.more}
          empty={texts.noNews}
        />
      )}
    </Card>
  );
}

function whatText(data: Readonly<Record<string, unknown>>): string {
  for (const name of SAYING) {
    const value = data[name];
    if (typeof value === 'string' && value !== '') return value;
  }
  return '';
}
