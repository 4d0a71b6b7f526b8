import { NativeSelect } from '@mantine/core';
import { Link, useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, type ReactElement } from 'react';
import { api } from '../../api/client.js';
import { useApi } from '../../api/query.js';
import { grouped, words } from '../../lib/format.js';
import { useAsOf, useParams, useSetParams } from '../../lib/url.js';
import { Card, Facts } from '../../parts/card.js';
import { DataTable, type Column } from '../../parts/data-table.js';
import { Figure } from '../../parts/figure.js';
import { FIGURES, type FigureKey } from '../../parts/figures.js';
import { NoValue, Quantity } from '../../parts/money.js';
import { NextSession } from '../../parts/next-session.js';
import { Empty, Loading, State } from '../../parts/state.js';
import { Time } from '../../parts/time.js';
import styles from './chart.module.css';
import { markRows, type ChartBody, type MarkRow } from './lines.js';
import { chart as texts } from './messages.js';

const Canvas = lazy(() => import('./canvas.js'));

const OPEN_SESSION_MS = 15_000;

/** Prices of a symbol in a session with what the bot did; a mark opens the decision behind it. */
export default function ChartPage(): ReactElement {
  const asof = useAsOf();
  const { date: asked } = useParams();
  const days = useApi(['chart-days', asof], (signal) =>
    api.GET('/api/market/days', { signal, params: { query: asof === null ? {} : { asof } } }),
  );
  return (
    <State of={days} lines={14}>
      {({ days: all }) => {
        const date = asked ?? all[0]?.date;
        if (date === undefined)
          return (
            <Empty title={texts.noDays}>
              {texts.noDaysWhy}
              <NextSession />
            </Empty>
          );
        const open = all.some((one) => one.date === date && one.open);
        return <Session date={date} days={all} live={open && asof === null} />;
      }}
    </State>
  );
}

function Session({
  date,
  days,
  live,
}: {
  readonly date: string;
  readonly days: readonly { readonly date: string; readonly open: boolean }[];
  readonly live: boolean;
}): ReactElement {
  const asof = useAsOf();
  const { symbol = '' } = useParams();
  const answer = useApi(
    ['chart', date, symbol, asof],
    (signal) =>
      api.GET('/api/market/chart', {
        signal,
        params: { query: { date, ...(symbol === '' ? {} : { symbol }), ...(asof === null ? {} : { asof }) } },
      }),
    live ? { pollMs: OPEN_SESSION_MS, live: ['OrderFilled', 'TrailingStopMoved'], keepPrevious: true } : {},
  );
  return (
    <div className="cards">
      <Choice date={date} days={days} of={answer.data} />
      <State of={answer} lines={12}>
        {(body) => <Chart of={body} />}
      </State>
    </div>
  );
}

function Choice({
  date,
  days,
  of,
}: {
  readonly date: string;
  readonly days: readonly { readonly date: string; readonly open: boolean }[];
  readonly of: ChartBody | undefined;
}): ReactElement {
  const { symbol = '' } = useParams();
  const setParams = useSetParams();
  const listed = days.map((one) => ({ value: one.date, label: one.open ? texts.openSession(one.date) : one.date }));
  const traded = of?.traded ?? [];
  const others = (of?.symbols ?? []).filter((one) => !traded.includes(one));
  return (
    <div className="filters">
      <NativeSelect
        size="sm"
        aria-label={texts.session}
        data={listed.some(({ value }) => value === date) ? listed : [{ value: date, label: date }, ...listed]}
        value={date}
        onChange={({ currentTarget }) => setParams({ date: currentTarget.value, symbol: '' }, { replace: false })}
      />
      <NativeSelect
        size="sm"
        aria-label={texts.symbol}
        data={[
          ...(traded.length === 0 ? [] : [{ group: texts.groups.traded, items: [...traded] }]),
          ...(others.length === 0 ? [] : [{ group: texts.groups.others, items: [...others] }]),
        ]}
        value={of?.symbol ?? symbol}
        onChange={({ currentTarget }) => setParams({ symbol: currentTarget.value }, { replace: false })}
      />
    </div>
  );
}

function Chart({ of }: { readonly of: ChartBody }): ReactElement {
  const navigate = useNavigate();
  const { symbol, date, bars } = of;
  const { legend } = texts;
  const open = (strategy: string): void => {
    void navigate({ to: '/decisions', search: { date, of: `${symbol}/${strategy}` } });
  };
  return (
    <>
      <Card title={texts.title(symbol, date)}>
        {bars.length === 0 ? (
          <Empty title={texts.noBars} />
        ) : (
          <>
            <Numbers of={of} />
            <div className={styles['canvas']} role="img" aria-label={texts.picture(symbol, date)}>
              <Suspense fallback={<Loading lines={10} />}>
                <Canvas of={of} choose={({ strategy }) => open(strategy)} />
              </Suspense>
            </div>
            <div className={styles['legend']}>
              <span className={styles['keys']}>
                <span className={`${styles['key'] ?? ''} ${styles['vwap'] ?? ''}`}>{legend.vwap}</span>
                {of.range === null ? null : (
                  <span className={`${styles['key'] ?? ''} ${styles['range'] ?? ''}`}>{legend.range}</span>
                )}
                {of.stops.length === 0 ? null : (
                  <span className={`${styles['key'] ?? ''} ${styles['stop'] ?? ''}`}>{legend.stop}</span>
                )}
                {of.halts.length === 0 ? null : (
                  <span className={`${styles['key'] ?? ''} ${styles['halt'] ?? ''}`}>{legend.halt}</span>
                )}
                <span>{texts.zone}</span>
              </span>
              <span>{texts.credit}</span>
            </div>
          </>
        )}
      </Card>
      <Card title={texts.marks}>
        <DataTable
          label={texts.marks}
          columns={columnsOf(date, symbol)}
          rows={markRows(of)}
          rowKey={({ key }) => key}
          empty={texts.noMarks}
        />
      </Card>
    </>
  );
}

/** First and last price, and the range with the decision that names it. */
function Numbers({ of: { bars, range, symbol } }: { readonly of: ChartBody }): ReactElement {
  const { facts } = texts;
  const last = bars.at(-1);
  const bound = (figure: FigureKey, value: string, ask: string) => ({
    name: FIGURES[figure].name,
    value: (
      <Figure figure={figure} ask={ask} subject={symbol}>
        <Quantity value={value} />
      </Figure>
    ),
  });
  return (
    <div className={styles['facts']}>
      <Facts
        rows={[
          { name: facts.first, value: <Quantity value={bars[0]?.open} /> },
          { name: facts.last, value: <Quantity value={last?.close} /> },
          { name: facts.vwap, value: <Quantity value={last?.vwap} /> },
          {
            name: facts.volume,
            value: <span className="num">{grouped(String(bars.reduce((sum, { volume }) => sum + volume, 0)))}</span>,
          },
          ...(range === null
            ? []
            : [bound('chart.high', range.high, range.eventId), bound('chart.low', range.low, range.eventId)]),
        ]}
      />
    </div>
  );
}

function columnsOf(date: string, symbol: string): readonly Column<MarkRow>[] {
  const { columns: heads } = texts;
  return [
    { key: 'at', head: heads.at, cell: ({ at }) => <Time at={at} date={false} /> },
    { key: 'kind', head: heads.kind, cell: ({ kind, side }) => `${texts.kinds[kind]} ${words(side)}` },
    {
      ...{ key: 'price', head: heads.price, right: true },
      cell: ({ price, eventId, kind }) =>
        price === null || eventId === null ? (
          <NoValue why={texts.kinds[kind]} />
        ) : (
          <Figure figure={kind === 'stop' ? 'chart.stop' : 'chart.price'} ask={eventId} subject={symbol}>
            <Quantity value={price} />
          </Figure>
        ),
    },
    {
      ...{ key: 'quantity', head: heads.quantity, right: true, wide: true },
      cell: ({ quantity }) => (quantity === null ? null : <Quantity value={quantity} />),
    },
    { key: 'strategy', head: heads.strategy, wide: true, cell: ({ strategy }) => strategy },
    {
      ...{ key: 'decision', head: heads.decision },
      cell: ({ strategy, clientOrderId }) => (
        <>
          {strategy === '' ? null : (
            <Link
              className={styles['link']}
              to="/decisions"
              search={{ date, of: `${symbol}/${strategy}` }}
              aria-label={`${texts.why}, ${strategy}`}
            >
              {texts.why}
            </Link>
          )}{' '}
          {clientOrderId === null ? null : (
            <Link
              className={styles['link']}
              to="/orders/$id"
              params={{ id: clientOrderId }}
              aria-label={`${texts.order} ${clientOrderId}`}
            >
              {texts.order}
            </Link>
          )}
        </>
      ),
    },
  ];
}
