import { NativeSelect } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { api } from '../../api/client.js';
import { useApi } from '../../api/query.js';
import { useMay } from '../../app/session.js';
import type { components } from '../../generated/api.js';
import { shortPosition, words } from '../../lib/format.js';
import { useParams, useSetParams } from '../../lib/url.js';
import { Card } from '../../parts/card.js';
import { DataTable, type Column } from '../../parts/data-table.js';
import { EventLink } from '../../parts/event-link.js';
import { Figure } from '../../parts/figure.js';
import { FIGURES, type FigureKey } from '../../parts/figures.js';
import { Delta, Money } from '../../parts/money.js';
import { Empty, State } from '../../parts/state.js';
import { Time } from '../../parts/time.js';
import styles from './compare.module.css';
import { compare as texts } from './messages.js';
import { Shown } from './shown.js';

type Body = components['schemas']['SessionsComparedAnswer'];
type Session = Body['a'];
type Event = components['schemas']['EventAnswer'];

/** Two closed sessions: what each made, and the first decision or execution that differs. */
export function Sessions(): ReactElement {
  const { a = '', b = '' } = useParams();
  const days = useApi(['days', ''], (signal) => api.GET('/api/days', { signal, params: { query: {} } }));
  return (
    <State of={days} lines={8}>
      {({ days: all }) => {
        const dates = all.map(({ date }) => date);
        const [newest, before] = dates;
        if (newest === undefined || before === undefined)
          return <Empty title={texts.fewSessions}>{texts.fewSessionsWhy}</Empty>;
        return <Chosen dates={dates} a={a === '' ? before : a} b={b === '' ? newest : b} />;
      }}
    </State>
  );
}

function Chosen({
  dates,
  a,
  b,
}: {
  readonly dates: readonly string[];
  readonly a: string;
  readonly b: string;
}): ReactElement {
  const answer = useApi(['compare', 'sessions', a, b], (signal) =>
    api.GET('/api/compare/sessions', { signal, params: { query: { a, b } } }),
  );
  return (
    <>
      <Card title={texts.modes.sessions}>
        <div className="form-row">
          <Choice param="a" label={texts.firstSession} dates={dates} value={a} />
          <Choice param="b" label={texts.secondSession} dates={dates} value={b} />
        </div>
      </Card>
      <State of={answer} lines={8}>
        {(body) => <Differences of={body} />}
      </State>
    </>
  );
}

function Choice({
  param,
  label,
  dates,
  value,
}: {
  readonly param: string;
  readonly label: string;
  readonly dates: readonly string[];
  readonly value: string;
}): ReactElement {
  const setParams = useSetParams();
  const data = dates.includes(value) ? [...dates] : [value, ...dates];
  return (
    <NativeSelect
      label={label}
      data={data}
      value={value}
      onChange={({ currentTarget }) => setParams({ [param]: currentTarget.value })}
    />
  );
}

function Differences({ of }: { readonly of: Body }): ReactElement {
  const { a, b, first, equal } = of;
  const maySettings = useMay('settings');
  return (
    <>
      <Card title={texts.firstDifference}>
        {first === null ? (
          <p>{texts.sameSession(equal)}</p>
        ) : (
          <>
            <p className="dim card-text">{texts.equalBefore(equal)}</p>
            <div className={styles['sides']}>
              <Side date={a.date} of={first.a} other={first.b} />
              <Side date={b.date} of={first.b} other={first.a} />
            </div>
          </>
        )}
        {maySettings ? (
          <p className={styles['links']}>
            <Link
              to="/compare"
              search={{ mode: 'configurations', a: shortPosition(a.position), b: shortPosition(b.position) }}
            >
              {texts.theirSettings}
            </Link>
          </p>
        ) : null}
      </Card>
      <Card title={texts.results}>
        <DataTable label={texts.results} columns={columnsOf(a, b)} rows={ROWS} rowKey={({ name }) => name} />
      </Card>
    </>
  );
}

/** An event of one session; of its values those that the other does not have equally. */
function Side({
  date,
  of,
  other,
}: {
  readonly date: string;
  readonly of: Event | null;
  readonly other: Event | null;
}): ReactElement {
  return (
    <section>
      <h3>{date}</h3>
      {of === null ? (
        <p className="dim">{texts.noFurther}</p>
      ) : (
        <>
          <p>
            <Time at={of.occurredAt} /> <EventLink id={of.id} type={of.type} />
          </p>
          <dl className={styles['values']}>
            {valuesOf(of, other).map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>
                  <Shown value={value} />
                </dd>
              </div>
            ))}
          </dl>
        </>
      )}
    </section>
  );
}

const MOST_VALUES = 12;

function valuesOf(of: Event, other: Event | null): readonly (readonly [string, string])[] {
  const theirs = (other?.type === of.type ? other.data : {}) as Readonly<Record<string, unknown>>;
  return Object.entries(of.data)
    .filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(theirs[name]))
    .map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)] as const)
    .slice(0, MOST_VALUES);
}

interface Row {
  readonly name: string;
  readonly cell: (session: Session) => ReactElement;
}

const { results } = texts.rowsOf;
const counted = (name: string, of: (session: Session) => number): Row => ({
  name,
  cell: (session) => <span className="num">{of(session)}</span>,
});
const explained = (figure: FigureKey, subject: string, of: (session: Session) => ReactElement): Row => ({
  name: FIGURES[figure].name,
  cell: (session) => (
    <Figure figure={figure} ask={`${subject}:${session.date}`}>
      {of(session)}
    </Figure>
  ),
});

const ROWS: readonly Row[] = [
  { name: results.outcome, cell: ({ outcome }) => <>{words(outcome)}</> },
  counted(results.signals, ({ signals }) => signals),
  counted(results.notTraded, ({ notTraded }) => notTraded),
  counted(results.orders, ({ orders }) => orders),
  counted(results.fills, ({ fills }) => fills),
  counted(results.trades, ({ trades }) => trades),
  explained('books.realized', 'realized', ({ grossPnl }) => <Delta amount={grossPnl} />),
  explained('books.fees', 'fees', ({ fees }) => <Money amount={fees} />),
  explained('trades.net', 'pnl', ({ netPnl }) => <Delta amount={netPnl} />),
];

function columnsOf(a: Session, b: Session): readonly Column<Row>[] {
  return [
    { key: 'name', head: '', cell: ({ name }) => name },
    { key: 'a', head: a.date, right: true, cell: ({ cell }) => cell(a) },
    { key: 'b', head: b.date, right: true, cell: ({ cell }) => cell(b) },
  ];
}
