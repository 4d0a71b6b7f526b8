import type { ReactElement } from 'react';
import { api } from '../../api/client.js';
import { useApi } from '../../api/query.js';
import type { components } from '../../generated/api.js';
import { shortPosition } from '../../lib/format.js';
import { useAsOf, useParams } from '../../lib/url.js';
import { Card } from '../../parts/card.js';
import { DataTable, FilterBox, type Column } from '../../parts/data-table.js';
import { EventLink } from '../../parts/event-link.js';
import { Figure } from '../../parts/figure.js';
import { State } from '../../parts/state.js';
import { Time } from '../../parts/time.js';
import { compare as texts } from './messages.js';
import { Shown } from './shown.js';

type Body = components['schemas']['SettingsComparedAnswer'];
type Setting = Body['changed'][number];

/** The settings at two positions: those that differ, and the first change that matters. */
export function Configurations(): ReactElement {
  const { a = '', b = '' } = useParams();
  const asof = useAsOf() ?? '';
  const to = b === '' ? asof : b;
  const answer = useApi(['compare', 'settings', a, to], (signal) =>
    api.GET('/api/compare/settings', {
      signal,
      params: { query: { ...(a === '' ? {} : { a }), ...(to === '' ? {} : { b: to }) } },
    }),
  );
  return (
    <>
      <Card title={texts.positions}>
        <div className="filters">
          <FilterBox param="a" label={texts.fromStart} />
          <FilterBox param="b" label={texts.b} />
        </div>
        <p className="dim">{texts.help}</p>
      </Card>
      <State of={answer} lines={8}>
        {(body) => <Differences of={body} from={a} to={to} />}
      </State>
    </>
  );
}

function Differences({
  of: { changed, all, first },
  from,
  to,
}: {
  readonly of: Body;
  readonly from: string;
  readonly to: string;
}): ReactElement {
  return (
    <>
      <Card title={texts.firstChange}>
        {first === null ? (
          <p>{texts.sameSettings}</p>
        ) : (
          <p>
            <Time at={first.occurredAt} /> <EventLink id={first.id} type={first.type} />{' '}
            <span className="dim num">{shortPosition(first.position)}</span>
          </p>
        )}
      </Card>
      {changed.length === 0 ? null : (
        <Card title={texts.changedSettings}>
          <p className="dim card-text">{texts.settingRows(changed.length, all)}</p>
          <DataTable
            label={texts.changedSettings}
            columns={columnsOf(from, to)}
            rows={changed}
            rowKey={({ key }) => key}
          />
        </Card>
      )}
    </>
  );
}

const { settingColumns: heads } = texts;

function columnsOf(from: string, to: string): readonly Column<Setting>[] {
  return [
    { key: 'key', head: heads.key, cell: ({ key }) => <code>{key}</code> },
    {
      key: 'a',
      head: heads.a,
      right: true,
      cell: (one) => <Value of={one} text={one.a} at={from === '' ? null : from} />,
    },
    { key: 'b', head: heads.b, right: true, cell: (one) => <Value of={one} text={one.b} at={to} /> },
    { key: 'at', head: heads.at, wide: true, cell: ({ event }) => <Time at={event.occurredAt} /> },
    { key: 'event', head: heads.event, wide: true, cell: ({ event }) => <EventLink id={event.id} type={event.type} /> },
  ];
}

function Value({
  of: { key, secret },
  text,
  at,
}: {
  readonly of: Setting;
  readonly text: string | null;
  /** Empty: now; null: the set-up, whose position is not known here. */
  readonly at: string | null;
}): ReactElement {
  if (text === null) return <span className="none">{secret ? texts.secret : texts.notSet}</span>;
  if (at === null) return <Shown value={text} />;
  return (
    <Figure figure="setting" ask={`setting:${key}`} at={at}>
      <Shown value={text} />
    </Figure>
  );
}
