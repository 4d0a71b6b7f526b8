import { Anchor, Button, CopyButton, Drawer } from '@mantine/core';
import type { ReactElement } from 'react';
import { api } from '../api/client.js';
import { useApi } from '../api/query.js';
import type { components } from '../generated/api.js';
import { capital, groupedIfNumber } from '../lib/format.js';
import { useAsOf, useParams, useSetParams } from '../lib/url.js';
import { EventLink } from './event-link.js';
import { parts } from './messages.js';
import { State } from './state.js';
import { Time } from './time.js';

/** The explanation that the address asks for with `explain=`; the frame shows it above every page. */
export function ExplanationPanel(): ReactElement {
  const { explain } = useParams();
  const setParams = useSetParams();
  return (
    <Drawer
      opened={explain !== undefined}
      onClose={() => setParams({ explain: '', at: '' })}
      position="right"
      size="xl"
      title={parts.explain}
      closeButtonProps={{ 'aria-label': parts.close }}
    >
      {explain === undefined ? null : <Explanation subject={explain} />}
    </Drawer>
  );
}

function Explanation({ subject }: { readonly subject: string }): ReactElement {
  const moment = useAsOf();
  const { at } = useParams();
  const asof = at ?? moment;
  const answer = useApi(['explain', subject, asof], (signal) =>
    api.GET('/api/explain', { signal, params: { query: { subject, ...(asof === null ? {} : { asof }) } } }),
  );
  return (
    <div className="explanation">
      <p className="explanation-subject">
        <span>
          <code>{subject}</code> {at === undefined ? null : <span className="dim">{parts.atPosition(at)}</span>}
        </span>
        <CopyButton value={location.href}>
          {({ copied, copy }) => (
            <Button size="compact-xs" variant="default" onClick={copy}>
              {copied ? parts.copied : parts.copyLink}
            </Button>
          )}
        </CopyButton>
      </p>
      <State of={answer} lines={8}>
        {(body) => <Answer body={body} />}
      </State>
    </div>
  );
}

type Body = components['schemas']['ExplainAnswer'];

function Answer({ body }: { readonly body: Body }): ReactElement {
  const { figure, events, leftOut, subject } = body;
  return (
    <>
      {figure === null ? null : (
        <section>
          <h3>{capital(figure.name)}</h3>
          <p className="explanation-value num">{groupedIfNumber(figure.value)}</p>
          <p>{capital(figure.formula)}.</p>
          {figure.agrees === null ? null : (
            <p className={figure.agrees ? 'dim' : 'needs-person'}>{figure.agrees ? parts.agrees : parts.disagrees}</p>
          )}
          <Contributions of={figure.contributions} />
        </section>
      )}
      {events.length === 0 ? null : (
        <section>
          <h3>{parts.eventsBehind}</h3>
          <ol className="event-list">
            {events.map((event) => (
              <li key={event.eventId}>
                <Time at={event.occurredAt} /> <EventLink id={event.eventId} type={event.type} />
                <div className="dim">{event.text}</div>
              </li>
            ))}
          </ol>
        </section>
      )}
      {leftOut === 0 ? null : (
        <p className="dim">
          {parts.more(leftOut)} <code>tradebot explain {subject}</code>
        </p>
      )}
    </>
  );
}

function Contributions({ of }: { readonly of: NonNullable<Body['figure']>['contributions'] }): ReactElement {
  const setParams = useSetParams();
  if (of.length === 0) return <p className="dim">{parts.noParts}</p>;
  const { time, amount, total, what } = parts.columns;
  // Parts of a composed figure have their times in their own explanations.
  const timed = of.some(({ at }) => at !== '');
  return (
    <div className="scroll-x" tabIndex={0} role="region" aria-label={parts.itsParts}>
      <table className="plain-table">
        <thead>
          <tr>
            {timed ? <th scope="col">{time}</th> : null}
            <th scope="col">{what}</th>
            <th scope="col" className="right">
              {amount}
            </th>
            <th scope="col" className="right">
              {total}
            </th>
          </tr>
        </thead>
        <tbody>
          {of.map((one, at) => (
            <tr key={`${one.eventId} ${at}`}>
              {timed ? (
                <td>
                  <Time at={one.at === '' ? null : one.at} />
                </td>
              ) : null}
              <td>
                <Anchor
                  component="button"
                  type="button"
                  onClick={() => setParams({ explain: one.subject }, { replace: false })}
                >
                  {capital(one.description)}
                </Anchor>
              </td>
              <td className="right num">{groupedIfNumber(one.amount)}</td>
              <td className="right num">{groupedIfNumber(one.total)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
