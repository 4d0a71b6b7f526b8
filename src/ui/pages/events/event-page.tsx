import { Button } from '@mantine/core';
import { Link, useParams as usePathParams } from '@tanstack/react-router';
import { useState, type ReactElement } from 'react';
import { api } from '../../api/client.js';
import { useApi } from '../../api/query.js';
import type { components } from '../../generated/api.js';
import { shortPosition } from '../../lib/format.js';
import { useAsOf, useSetParams } from '../../lib/url.js';
import { BrokerMessage } from '../../parts/broker-message.js';
import { Card, Facts } from '../../parts/card.js';
import { EventPageLink } from '../../parts/event-link.js';
import { State } from '../../parts/state.js';
import { Time } from '../../parts/time.js';
import { Fields } from './data.js';
import styles from './event.module.css';
import { events } from './messages.js';
import { Proof } from './proof.js';

/** An event as the server gives it. */
export type OneEvent = components['schemas']['OneEventAnswer'];
type Related = OneEvent['effects'][number];

const { one: texts } = events;

/** One event: what happened, its data, what led to it and what it led to, and what proves it. */
export default function EventPage(): ReactElement {
  const { position = '' }: { readonly position?: string } = usePathParams({ strict: false });
  const found = useApi(
    ['event', position],
    (signal) => api.GET('/api/journal/event', { signal, params: { query: { at: position } } }),
    { live: ['JournalSealed', 'SessionClosed'], keepPrevious: true },
  );
  return (
    <State of={found} lines={14}>
      {(body) => (
        <div className="cards">
          <Neighbours of={body} />
          <Summary of={body} />
          <div className={styles['two']}>
            <Data of={body} />
            <div className="cards">
              <Causes of={body} />
              <Proof of={body} />
            </div>
          </div>
        </div>
      )}
    </State>
  );
}

function Neighbours({ of: { before, after, event } }: { readonly of: OneEvent }): ReactElement {
  const setParams = useSetParams();
  const asof = useAsOf();
  const step = (label: string, position: string | null) =>
    position === null ? null : (
      <Button
        size="compact-sm"
        variant="default"
        renderRoot={(props) => <Link {...props} to="/events/$position" params={{ position }} search={{}} />}
      >
        {label}
      </Button>
    );
  return (
    <div className={styles['head']}>
      <Link to="/events" search={{}} className="event-link">
        {texts.back}
      </Link>
      <div className={styles['steps']}>
        {step(texts.before, before)}
        {step(texts.after, after)}
        <Button
          size="compact-sm"
          variant="default"
          onClick={() => setParams({ explain: event.id, figure: '' }, { replace: false })}
        >
          {texts.explain}
        </Button>
        {asof === event.position ? null : (
          <Button
            size="compact-sm"
            variant="default"
            onClick={() => setParams({ asof: event.position }, { replace: false })}
          >
            {texts.showPast}
          </Button>
        )}
      </div>
    </div>
  );
}

interface Meta {
  readonly sessionDate: string | null;
  readonly correlationId: string;
}

function Summary({ of: { event, text, actorName } }: { readonly of: OneEvent }): ReactElement {
  const { sessionDate, correlationId } = event.meta as unknown as Meta;
  const { facts } = texts;
  return (
    <section className="card" aria-label={event.type}>
      <p className={styles['type']}>{event.type}</p>
      {text === '' ? null : <p className={styles['words']}>{text}</p>}
      <Facts
        rows={[
          { name: facts.position, value: <span className="num">{shortPosition(event.position)}</span> },
          { name: facts.occurred, value: <Time at={event.occurredAt} /> },
          { name: facts.recorded, value: <Time at={event.recordedAt} /> },
          { name: facts.by, value: actorName },
          { name: facts.session, value: sessionDate ?? <span className="dim">{texts.noSession}</span> },
          { name: facts.stream, value: <StreamLink stream={event.stream} revision={event.revision} /> },
          {
            name: facts.story,
            value: (
              <Link className="event-link" to="/events" search={{ correlation: correlationId }} title={texts.story}>
                {correlationId}
              </Link>
            ),
          },
          { name: facts.id, wide: true, value: <code>{event.id}</code> },
        ]}
      />
      {event.frame === null ? null : <BrokerMessage id={event.id} />}
    </section>
  );
}

function StreamLink({ stream, revision }: { readonly stream: string; readonly revision: number }): ReactElement {
  return (
    <>
      <Link className="event-link" to="/events" search={{ stream, whole: '1' }}>
        {stream}
      </Link>{' '}
      <span className="dim num" title={texts.facts.revision}>
        {revision}
      </span>
    </>
  );
}

function Data({ of: { event } }: { readonly of: OneEvent }): ReactElement {
  const [json, setJson] = useState(false);
  const empty = Object.keys(event.data).length === 0;
  return (
    <Card
      title={texts.data}
      aside={
        <Button size="compact-xs" variant="default" aria-pressed={json} onClick={() => setJson(!json)}>
          {texts.json}
        </Button>
      }
    >
      {json ? (
        <pre className="raw-text" tabIndex={0}>
          {JSON.stringify(event.data, null, 2)}
        </pre>
      ) : empty ? (
        <p className="dim">{texts.noData}</p>
      ) : (
        <Fields of={event.data} />
      )}
    </Card>
  );
}

function Causes({ of: { cause, causeId, effects, lookedAt } }: { readonly of: OneEvent }): ReactElement {
  return (
    <Card title={texts.causes}>
      <div className={styles['chain']}>
        <h3>{texts.cause}</h3>
        {cause === null ? (
          <p className="dim">{causeId === null ? texts.noCause : texts.farCause(causeId, lookedAt)}</p>
        ) : (
          <RelatedList of={[cause]} />
        )}
        <h3>{texts.effects}</h3>
        {effects.length === 0 ? <p className="dim">{texts.noEffects(lookedAt)}</p> : <RelatedList of={effects} />}
      </div>
    </Card>
  );
}

function RelatedList({ of }: { readonly of: readonly Related[] }): ReactElement {
  return (
    <ul className={styles['related']}>
      {of.map(({ position, type, occurredAt, text }) => (
        <li key={position}>
          <EventPageLink position={position} type={type} />{' '}
          <span className="dim">
            <Time at={occurredAt} /> <span className="num">{shortPosition(position)}</span>
          </span>
          {text === '' ? null : <p className="dim">{text}</p>}
        </li>
      ))}
    </ul>
  );
}
