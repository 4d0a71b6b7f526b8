import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { api, type Answered } from '../../api/client.js';
import { useApi } from '../../api/query.js';
import type { components } from '../../generated/api.js';
import type { Status } from '../../generated/status.js';
import { shortPosition } from '../../lib/format.js';
import { useAsOf, useParams } from '../../lib/url.js';
import { Card } from '../../parts/card.js';
import { DataTable, FilterBox, type Column } from '../../parts/data-table.js';
import { EventLink } from '../../parts/event-link.js';
import { Figure, useSource } from '../../parts/figure.js';
import { figureAsked, figureEntry, headOf, isFigure, type FigureKey, type Shape } from '../../parts/figures.js';
import { NextSession } from '../../parts/next-session.js';
import { ShownFigure } from '../../parts/shown-figure.js';
import { Empty, State } from '../../parts/state.js';
import { Time } from '../../parts/time.js';
import styles from './compare.module.css';
import { changesOf, type Change } from './leaves.js';
import { compare as texts } from './messages.js';
import { Shown } from './shown.js';

type Between = components['schemas']['BetweenAnswer'];

/** Two positions of the journal: the first event between them, and each figure of the status that differs. */
export function Moments(): ReactElement {
  const { a = '', b = '' } = useParams();
  const asof = useAsOf() ?? '';
  const opened = useApi(
    ['compare', 'opened', asof],
    (signal) =>
      api.GET('/api/journal/events', {
        signal,
        params: { query: { type: 'SessionOpened', limit: 1, ...(asof === '' ? {} : { asof }) } },
      }),
    { enabled: a === '' },
  );
  const first = a === '' ? shortPosition(opened.data?.items[0]?.position ?? '') : a;
  const second = b === '' ? asof : b;
  return (
    <>
      <Card title={texts.positions}>
        <div className="filters">
          <FilterBox param="a" label={texts.a} />
          <FilterBox param="b" label={texts.b} />
        </div>
        <p className="dim">{texts.help}</p>
        {first === '' ? null : (
          <p className={styles['links']}>
            <Link to="/" search={{ asof: first }}>
              {texts.show(first)}
            </Link>{' '}
            <Link to="/" search={{ asof: second }}>
              {second === '' ? texts.now : texts.show(shortPosition(second))}
            </Link>
          </p>
        )}
      </Card>
      {first !== '' ? (
        <>
          <Events a={first} b={second} />
          <Figures a={first} b={second} />
        </>
      ) : opened.data === undefined ? (
        <State of={opened} lines={6}>
          {() => null}
        </State>
      ) : (
        <Empty title={texts.none}>
          {texts.noneWhy}
          <NextSession />
        </Empty>
      )}
    </>
  );
}

function Events({ a, b }: { readonly a: string; readonly b: string }): ReactElement {
  const answer = useApi(['compare', 'events', a, b], (signal) =>
    api.GET('/api/journal/between', { signal, params: { query: { after: a, ...(b === '' ? {} : { to: b }) } } }),
  );
  return (
    <Card title={texts.first}>
      <State of={answer} lines={4}>
        {(body) => <First of={body} />}
      </State>
    </Card>
  );
}

function First({ of: { first, types, count, more } }: { readonly of: Between }): ReactElement {
  if (first === null) return <p>{texts.noFirst}</p>;
  return (
    <>
      <p>
        <Time at={first.occurredAt} /> <EventLink id={first.id} type={first.type} />{' '}
        <span className="dim num">{shortPosition(first.position)}</span>
      </p>
      <p className="dim">{texts.between(count, more)}</p>
      <ul className={styles['types']}>
        {types.map((one) => (
          <li key={one.type}>
            {one.type} <span className="dim num">{one.count}</span>
          </li>
        ))}
      </ul>
    </>
  );
}

function useStatusAt(asof: string) {
  return useApi<Status>(
    ['status', asof === '' ? null : asof],
    (signal) =>
      api.GET('/api/status', { signal, params: { query: asof === '' ? {} : { asof } } }) as Promise<Answered<Status>>,
  );
}

const { columns: heads } = texts;

/** A figure has its name everywhere; what is none has the words of its field. */
function nameOf({ path, field, of }: Change): string {
  if (!isFigure(field)) return texts.name(path);
  // The bridge repeats figures of the day, as what they add to its value.
  const inBridge = field.startsWith('equity_bridge.');
  return headOf(field, inBridge ? texts.bridge : (of.symbol ?? of.strategy ?? ''));
}

/** A moment of the two: its position, empty for now, and the session that it is in. */
interface Side {
  readonly at: string;
  readonly date: string | null;
}

function columnsOf(a: Side, b: Side): readonly Column<Change>[] {
  return [
    { key: 'figure', head: heads.figure, cell: (change) => <span className="text">{nameOf(change)}</span> },
    { key: 'a', head: heads.a, right: true, cell: (change) => <Value of={change} text={change.a} side={a} /> },
    { key: 'b', head: heads.b, right: true, cell: (change) => <Value of={change} text={change.b} side={b} /> },
  ];
}

function Value({
  of: { field, of },
  text,
  side,
}: {
  readonly of: Change;
  readonly text: string | null;
  readonly side: Side;
}): ReactElement {
  const { question, types } = useSource()(field, { ...of, date: side.date });
  if (text === null) return <span className="none">{texts.absent}</span>;
  if (question === null && types.length === 0) return <Shown value={text} />;
  if (question === null)
    return (
      <Link
        className="figure figure-link"
        to="/events"
        search={{ type: types.join(','), asof: side.at }}
        title={texts.events(types.join(', '))}
      >
        <Shown value={text} />
      </Link>
    );
  return (
    <Figure figure={isFigure(field) ? field : (figureAsked(question) ?? 'setting')} ask={question} at={side.at}>
      {isFigure(field) ? <ShownFigure as={shapeOf(field)} value={text} /> : <Shown value={text} />}
    </Figure>
  );
}

/** The status has a cost of its bridge below zero; an explanation has it as it was charged. */
function shapeOf(field: FigureKey): Shape {
  const { as } = figureEntry(field);
  return as === 'cost' ? 'change' : as;
}

function Figures({ a, b }: { readonly a: string; readonly b: string }): ReactElement {
  const [first, second] = [useStatusAt(a), useStatusAt(b)];
  return (
    <Card title={texts.changed}>
      <State of={first} lines={10}>
        {(before) => (
          <State of={second} lines={10}>
            {(after) => {
              const { changes, all } = changesOf(before, after);
              if (changes.length === 0) return <p>{texts.same}</p>;
              return (
                <>
                  <p className="dim">{texts.rows(changes.length, all)}</p>
                  <DataTable
                    label={texts.changed}
                    columns={columnsOf({ at: a, date: before.session.date }, { at: b, date: after.session.date })}
                    rows={changes}
                    rowKey={({ path }) => path}
                  />
                </>
              );
            }}
          </State>
        )}
      </State>
    </Card>
  );
}
