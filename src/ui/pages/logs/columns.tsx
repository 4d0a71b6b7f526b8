import { useState, type ReactElement } from 'react';
import { api, bodyOf } from '../../api/client.js';
import { asProblem } from '../../api/problem.js';
import { shortPosition } from '../../lib/format.js';
import { useSetParams } from '../../lib/url.js';
import { Pill } from '../../parts/card.js';
import type { Column } from '../../parts/data-table.js';
import { Time } from '../../parts/time.js';
import type { LogLine } from './line.js';
import { logs as texts } from './messages.js';

/** A line in the list. */
export interface Row extends LogLine {
  readonly key: string;
}

const { columns: heads } = texts;
const TONES: Readonly<Record<string, 'warn' | 'bad'>> = { warn: 'warn', error: 'bad', fatal: 'bad' };

const AT: Column<Row> = {
  ...{ key: 'at', head: heads.at, title: texts.timeWhy },
  cell: ({ at }) => (at === null ? '' : <Time at={at} />),
};
const BOT_TIME: Column<Row> = {
  ...{ key: 'botTime', head: heads.botTime, title: texts.botTimeWhy, wide: true },
  cell: ({ botTime }) => (botTime === null ? '' : <Time at={botTime} />),
};
const REST: readonly Column<Row>[] = [
  { key: 'event', head: heads.event, wide: true, cell: (row) => <Reported of={row} /> },
  { key: 'message', head: heads.message, cell: (row) => <Message of={row} /> },
  {
    key: 'details',
    head: heads.details,
    wide: true,
    cell: ({ details }) => <span className="dim text">{details}</span>,
  },
];

const PLAIN = [AT, ...REST];
const WITH_BOT_TIME = [AT, BOT_TIME, ...REST];

/** Time, that of the bot where a line has another, what happened, the event that it reports, and the rest of the line. */
export function columnsFor(rows: readonly Row[]): readonly Column<Row>[] {
  return rows.some(({ botTime }) => botTime !== null) ? WITH_BOT_TIME : PLAIN;
}

function Message({ of: { level, message } }: { readonly of: Row }): ReactElement {
  const tone = TONES[level];
  return (
    <span className="text">
      {tone === undefined ? null : (
        <>
          <Pill tone={tone}>{level}</Pill>{' '}
        </>
      )}
      {message}
    </span>
  );
}

/** The event that the line reports; a click finds it in the journal and explains it. */
function Reported({ of: { event, position } }: { readonly of: Row }): ReactElement | string {
  const setParams = useSetParams();
  const [fault, setFault] = useState('');
  if (position === null) return event;
  const find = async (): Promise<void> => {
    try {
      const query = { asof: position, limit: 1 };
      const { items } = await bodyOf(api.GET('/api/journal/events', { params: { query } }));
      const found = items.find((one) => one.position === position);
      if (found === undefined) setFault(texts.noEvent);
      else setParams({ explain: found.id, figure: '' }, { replace: false });
    } catch (error) {
      setFault(asProblem(error).message);
    }
  };
  return (
    <>
      <button
        type="button"
        className="event-link"
        title={texts.opensEvent(shortPosition(position))}
        onClick={() => void find()}
      >
        {event}
      </button>
      {fault === '' ? null : (
        <span role="alert" className="dim">
          {' '}
          {fault}
        </span>
      )}
    </>
  );
}
