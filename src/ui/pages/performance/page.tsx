import { Button } from '@mantine/core';
import { useMemo, type ReactElement } from 'react';
import { api } from '../../api/client.js';
import { useApi } from '../../api/query.js';
import type { components } from '../../generated/api.js';
import { dollars, percent } from '../../lib/format.js';
import { useAsOf, useParams, useSetParams } from '../../lib/url.js';
import { Card, Facts } from '../../parts/card.js';
import { DataTable, type Column } from '../../parts/data-table.js';
import { Figure } from '../../parts/figure.js';
import { FIGURES, type FigureKey } from '../../parts/figures.js';
import { Delta, Money, NoValue } from '../../parts/money.js';
import { Plot } from '../../parts/plot.js';
import { NextSession } from '../../parts/next-session.js';
import { Empty, State } from '../../parts/state.js';
import { performance as texts } from './messages.js';
import styles from './performance.module.css';
import { Results } from './results.js';

type Body = components['schemas']['PerformanceAnswer'];
type Session = Body['sessions'][number];

/** What closed positions made: over time, by strategy, symbol and hour, and how single trades ended. */
export default function PerformancePage(): ReactElement {
  const asof = useAsOf();
  const answer = useApi(
    ['performance', asof],
    (signal) => api.GET('/api/performance', { signal, params: { query: asof === null ? {} : { asof } } }),
    asof === null ? { live: ['PositionClosed', 'SessionOpened'] } : {},
  );
  return (
    <State of={answer} lines={14}>
      {(body) =>
        body.all === null ? (
          <Empty title={texts.none}>
            {texts.noneWhy}
            <NextSession />
          </Empty>
        ) : (
          <div className="cards">
            <Summary of={body} all={body.all} />
            <Sessions of={body.sessions} />
            <div className={styles['pair']}>
              <Results by="strategies" rows={body.strategies} />
              <Results by="hours" rows={body.hours} />
              <Results by="symbols" rows={body.symbols} />
              <Distribution of={body.distribution} />
              <Results by="reasons" rows={body.reasons} />
            </div>
          </div>
        )
      }
    </State>
  );
}

function Summary({
  of: { drawdown },
  all,
}: {
  readonly of: Body;
  readonly all: NonNullable<Body['all']>;
}): ReactElement {
  const ofAll = (figure: FigureKey, ask: string, shown: ReactElement) => ({
    name: FIGURES[figure].name,
    value: (
      <Figure figure={figure} ask={ask}>
        {shown}
      </Figure>
    ),
  });
  return (
    <Card title={texts.summary}>
      <Facts
        rows={[
          ofAll('trades.net', 'pnl', <Delta amount={all.net} />),
          ofAll('trades.count', 'count', <span className="num">{all.trades}</span>),
          ofAll('trades.winRate', 'winrate', <span className="num">{percent(all.winRate)}</span>),
          ofAll('trades.averageOfAll', 'average', <Delta amount={all.average} />),
          {
            name: FIGURES['trades.deepest'].name,
            value:
              drawdown === null ? (
                <NoValue why={texts.noDrawdown} />
              ) : (
                <>
                  <Figure figure="trades.deepest" ask={`drawdown:${drawdown.to}`}>
                    <Delta amount={drawdown.amount} />
                  </Figure>
                  <div className={`dim num ${styles['note'] ?? ''}`}>
                    {texts.drawdownFrom(drawdown.from, drawdown.to)}
                  </div>
                </>
              ),
          },
        ]}
      />
    </Card>
  );
}

const { columns: heads } = texts;
const asDollars = (value: number): string => dollars(value.toFixed(2));

const SESSION_COLUMNS: readonly Column<Session>[] = [
  { key: 'session', head: heads.session, cell: ({ date }) => <span className="num">{date}</span> },
  {
    ...{ key: 'net', head: heads.net, right: true },
    cell: ({ date, net, trades }) =>
      trades === 0 ? (
        <NoValue why={texts.none} />
      ) : (
        <Figure figure="trades.net" ask={`pnl:${date}`}>
          <Delta amount={net} />
        </Figure>
      ),
  },
  {
    ...{ key: 'total', head: heads.total, right: true },
    cell: ({ date, total }) => (
      <Figure figure="trades.total" ask={`pnl:until/${date}`}>
        <Delta amount={total} />
      </Figure>
    ),
  },
  {
    ...{ key: 'drawdown', head: heads.drawdown, right: true },
    cell: ({ date, drawdown }) => (
      <Figure figure="trades.drawdown" ask={`drawdown:${date}`}>
        <Delta amount={drawdown} />
      </Figure>
    ),
  },
  { key: 'trades', head: heads.trades, right: true, cell: ({ trades }) => trades },
  {
    ...{ key: 'equity', head: heads.equity, right: true, wide: true },
    cell: ({ date, openingEquity }) =>
      openingEquity === null ? (
        <NoValue />
      ) : (
        <Figure figure="opening_equity" ask={`opening:${date}`}>
          <Money amount={openingEquity} />
        </Figure>
      ),
  },
];

function Sessions({ of }: { readonly of: readonly Session[] }): ReactElement {
  const plot = useMemo(
    () => ({
      axis: heads.session,
      labels: of.map(({ date }) => date),
      series: [
        { name: texts.series.drawdown, values: of.map(({ drawdown }) => Number(drawdown)), as: 'area', colour: 'down' },
        { name: texts.series.total, values: of.map(({ total }) => Number(total)), as: 'line', colour: 'link' },
      ] as const,
      format: asDollars,
    }),
    [of],
  );
  const table = (
    <DataTable label={texts.equity} columns={SESSION_COLUMNS} rows={of.toReversed()} rowKey={({ date }) => date} />
  );
  // One session is one point, which draws no line.
  if (of.length < 2) return <Card title={texts.equity}>{table}</Card>;
  return (
    <WithTable name="sessions" title={texts.equity} plot={<Plot label={texts.equityChart} height={260} of={plot} />}>
      {table}
    </WithTable>
  );
}

function Distribution({ of }: { readonly of: Body['distribution'] }): ReactElement {
  const plot = useMemo(
    () => ({
      axis: heads.from,
      labels: of.map(({ from }) => dollars(from)),
      series: [
        { name: texts.series.trades, values: of.map(({ trades }) => trades), as: 'bars', colour: 'link' },
      ] as const,
      format: (value: number) => (Number.isInteger(value) ? String(value) : ''),
    }),
    [of],
  );
  return (
    <WithTable name="distribution" title={texts.distribution} plot={<Plot label={texts.distributionChart} of={plot} />}>
      <table className="plain-table">
        <thead>
          <tr>
            <th scope="col">{heads.range}</th>
            <th scope="col" className="right">
              {heads.trades}
            </th>
          </tr>
        </thead>
        <tbody>
          {of.map(({ from, to, trades }) => (
            <tr key={from}>
              <td className="num">{texts.range(dollars(from), dollars(to))}</td>
              <td className="right num">{trades}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </WithTable>
  );
}

/** A plot, and below it the same as a table when the address asks for that. */
function WithTable({
  name,
  title,
  plot,
  children,
}: {
  readonly name: string;
  readonly title: string;
  readonly plot: ReactElement;
  readonly children: ReactElement;
}): ReactElement {
  const { table = '' } = useParams();
  const setParams = useSetParams();
  const shown = table === name;
  return (
    <Card
      title={title}
      aside={
        <Button
          size="compact-xs"
          variant={shown ? 'light' : 'default'}
          aria-pressed={shown}
          onClick={() => setParams({ table: shown ? '' : name })}
        >
          {texts.asTable}
        </Button>
      }
    >
      {plot}
      {shown ? <div className={styles['table']}>{children}</div> : null}
    </Card>
  );
}
