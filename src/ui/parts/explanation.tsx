import { Anchor, Button, CopyButton, Drawer } from '@mantine/core';
import type { ReactElement } from 'react';
import { api } from '../api/client.js';
import { useApi } from '../api/query.js';
import type { components } from '../generated/api.js';
import { capital, dollars, groupedIfNumber, isDecimal } from '../lib/format.js';
import { useAsOf, useParams, useSetParams } from '../lib/url.js';
import { EventLink } from './event-link.js';
import { figureAsked, figureEntry, headOf, isFigure, type FigureKey, type Shape } from './figures.js';
import { useOwnValue } from './own-value.js';
import { ShownFigure } from './shown-figure.js';
import { parts } from './messages.js';
import { Notice, State } from './state.js';
import { Time } from './time.js';

/** The explanation that the address asks for with `explain=`; the frame shows it above every page. */
export function ExplanationPanel(): ReactElement {
  const { explain } = useParams();
  const setParams = useSetParams();
  return (
    <Drawer
      opened={explain !== undefined}
      onClose={() => setParams({ explain: '', figure: '', at: '' })}
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
      {answer.error?.code === 'NOTHING_TO_EXPLAIN' ? (
        <Notice icon="search" title={`${capital(answer.error.message)}.`}>
          {parts.nothingKnown}
        </Notice>
      ) : (
        <State of={answer} lines={8}>
          {(body) => <Answer body={body} asof={asof} />}
        </State>
      )}
    </div>
  );
}

type Body = components['schemas']['ExplainAnswer'];

function Answer({ body, asof }: { readonly body: Body; readonly asof: string | null }): ReactElement {
  const { figure: key } = useParams();
  const { figure, events, leftOut, subject } = body;
  const named = isFigure(key) ? key : figureAsked(subject);
  return (
    <>
      {named === undefined ? null : <Named key={named} figure={named} body={body} asof={asof} />}
      {figure === null ? null : (
        <section>
          <p>{capital(figure.formula)}.</p>
          {figure.agrees === null ? null : (
            <p className={figure.agrees ? 'dim' : 'needs-person'}>{figure.agrees ? parts.agrees : parts.disagrees}</p>
          )}
          <Contributions of={figure.contributions} figure={named} />
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

/** The figure as its page names and shows it. */
function Named({
  figure,
  body,
  asof,
}: {
  readonly figure: FigureKey;
  readonly body: Body;
  readonly asof: string | null;
}): ReactElement {
  const { value, of } = useOwnValue(figureEntry(figure), body, asof);
  return (
    <section>
      <h3 className="explanation-name">{headOf(figure, of)}</h3>
      {value === null ? null : (
        <p className="explanation-value">
          <ShownFigure as={figureEntry(figure).as} value={value} />
        </p>
      )}
    </section>
  );
}

/** Shapes whose parts are dollars, with the sign of what each adds. */
const DOLLARS: readonly Shape[] = ['dollars', 'size', 'change', 'cost', 'loss'];

function Contributions({
  of,
  figure,
}: {
  readonly of: NonNullable<Body['figure']>['contributions'];
  readonly figure: FigureKey | undefined;
}): ReactElement {
  const setParams = useSetParams();
  if (of.length === 0) return <p className="dim">{parts.noParts}</p>;
  const { time, amount, total, what } = parts.columns;
  const inDollars = figure !== undefined && DOLLARS.includes(figureEntry(figure).as);
  const show = (text: string): string => (inDollars && isDecimal(text) ? dollars(text) : groupedIfNumber(text));
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
                  onClick={() => setParams({ explain: one.subject, figure: '' }, { replace: false })}
                >
                  {capital(one.description)}
                </Anchor>
              </td>
              <td className="right num">{show(one.amount)}</td>
              <td className="right num">{show(one.total)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
