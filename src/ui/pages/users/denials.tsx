import type { ReactElement } from 'react';
import { api } from '../../api/client.js';
import { usePages } from '../../api/pages.js';
import type { components } from '../../generated/api.js';
import { words } from '../../lib/format.js';
import { Card } from '../../parts/card.js';
import { DataTable, type Column } from '../../parts/data-table.js';
import { EventPageLink } from '../../parts/event-link.js';
import { Loading, ProblemNotice } from '../../parts/state.js';
import { Time } from '../../parts/time.js';
import { users as texts } from './messages.js';
import type { User } from './page.js';

type Event = components['schemas']['EventAnswer'];

interface Denied {
  readonly userId?: string | null;
  readonly endpoint?: string;
  readonly code?: string;
  readonly reason?: string;
  readonly refusals?: number;
}

const PAGE = 20;
const TYPES = 'AccessDenied,LoginFailed,AccessRefusalsCounted';
const { denial: heads } = texts;

/** What the server refused to whom, newest first. */
export function Denials({ users }: { readonly users: readonly User[] }): ReactElement {
  const list = usePages<Event>(['denials'], (cursor, signal) =>
    api.GET('/api/journal/events', {
      signal,
      params: { query: { type: TYPES, limit: PAGE, ...(cursor === undefined ? {} : { cursor }) } },
    }),
  );
  const names = new Map(users.map(({ userId, name }) => [userId, name]));
  const columns: readonly Column<Event>[] = [
    { key: 'at', head: heads.at, cell: ({ occurredAt }) => <Time at={occurredAt} /> },
    { key: 'what', head: heads.what, cell: ({ type, data }) => whatText(type, data) },
    {
      ...{ key: 'who', head: heads.who },
      cell: ({ data }) => {
        const { userId } = data as Denied;
        return typeof userId === 'string' ? (names.get(userId) ?? userId) : <span className="dim">{texts.nobody}</span>;
      },
    },
    { key: 'why', head: heads.why, wide: true, cell: ({ data }) => whyText(data) },
    {
      ...{ key: 'event', head: heads.event, wide: true },
      cell: ({ position, type }) => <EventPageLink position={position} type={type} />,
    },
  ];
  return (
    <Card title={texts.denials}>
      <p className="dim">{texts.denialsWhy}</p>
      {list.error === null ? null : <ProblemNotice problem={list.error} again={list.again} />}
      {list.rows === undefined ? (
        <Loading lines={4} />
      ) : (
        <DataTable
          label={texts.denials}
          columns={columns}
          rows={list.rows}
          rowKey={({ position }) => position}
          more={list.more}
          empty={texts.noDenials}
        />
      )}
    </Card>
  );
}

function whatText(type: string, data: Denied): string {
  if (type === 'LoginFailed') return texts.login;
  if (type === 'AccessRefusalsCounted') return texts.counted(String(data.refusals ?? ''));
  return data.endpoint ?? '';
}

function whyText({ code, reason }: Denied): string {
  return words((code ?? reason ?? '').toLowerCase());
}
