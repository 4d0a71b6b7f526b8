import { Button, NativeSelect } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { api } from '../../api/client.js';
import { useApi } from '../../api/query.js';
import { useBriefing } from '../../api/status.js';
import type { components } from '../../generated/api.js';
import { percent } from '../../lib/format.js';
import { useAsOf, useParams, useSetParams } from '../../lib/url.js';
import { Card, Facts, Pill } from '../../parts/card.js';
import { Figure } from '../../parts/figure.js';
import { FIGURES, type FigureKey } from '../../parts/figures.js';
import { Delta, Money, NoValue } from '../../parts/money.js';
import { NextSession } from '../../parts/next-session.js';
import { Empty, Notice, State } from '../../parts/state.js';
import { Time } from '../../parts/time.js';
import styles from './day.module.css';
import { Checks, Proof, Strategies } from './sections.js';
import { day as texts } from './messages.js';
import type { DaySummary } from './summary.js';

type Body = components['schemas']['DayAnswer'];

/** The sheet of a closed session: what the day made, whether the books agree, and the seal. Prints on one page. */
export default function DayPage(): ReactElement {
  const asof = useAsOf();
  const { date: asked } = useParams();
  const days = useApi(
    ['days', asof],
    (signal) => api.GET('/api/days', { signal, params: { query: asof === null ? {} : { asof } } }),
    asof === null ? { live: ['SessionClosed'] } : {},
  );
  return (
    <State of={days} lines={14}>
      {({ days: all }) => {
        const date = asked ?? all[0]?.date;
        if (date === undefined)
          return (
            <Empty title={texts.none}>
              {texts.noneWhy}
              <NextSession />
            </Empty>
          );
        return <Day date={date} dates={all.map((one) => one.date)} />;
      }}
    </State>
  );
}

function Day({ date, dates }: { readonly date: string; readonly dates: readonly string[] }): ReactElement {
  const asof = useAsOf();
  const setParams = useSetParams();
  const answer = useApi(
    ['day', date, asof],
    (signal) =>
      api.GET('/api/days/{date}', {
        signal,
        params: { path: { date }, query: asof === null ? {} : { asof } },
      }),
    asof === null ? { live: ['JournalSealed', 'SessionClosed'] } : {},
  );
  return (
    <div className="cards">
      <div className={`filters ${styles['controls'] ?? ''}`}>
        <NativeSelect
          size="sm"
          aria-label={texts.session}
          data={dates.includes(date) ? [...dates] : [date, ...dates]}
          value={date}
          onChange={({ currentTarget }) => setParams({ date: currentTarget.value }, { replace: false })}
        />
        <Button size="compact-sm" variant="default" onClick={() => window.print()}>
          {texts.print}
        </Button>
        <Link className={styles['link']} to="/ledger" search={{ from: date, to: date }}>
          {texts.entries}
        </Link>
      </div>
      <State of={answer} lines={14}>
        {(body) => <Sheet of={body} />}
      </State>
    </div>
  );
}

function Sheet({ of: body }: { readonly of: Body }): ReactElement {
  const { date, closedAt } = body;
  const summary = body.summary as unknown as DaySummary;
  const { outcome, open_positions: held } = summary;
  const { data: now } = useBriefing();
  return (
    <>
      <p className={`print-only ${styles['identity'] ?? ''}`}>
        {texts.bot(now?.identity ?? '', now?.simulated ?? false)}
      </p>
      <Card
        title={texts.title(date)}
        aside={
          <span className="dim">
            <Pill tone={outcome === 'completed' ? 'calm' : 'warn'}>{outcome}</Pill> {texts.closedAt}{' '}
            <Time at={closedAt} />
          </span>
        }
      >
        <Figures date={date} of={summary} />
      </Card>
      <div className="cards cards-2">
        <Bridge date={date} of={summary} />
        <Checks date={date} of={summary} />
      </div>
      <Strategies date={date} of={summary} />
      {held.length === 0 ? null : (
        <Notice icon="alert" title={texts.held} tone="warn">
          {held.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))).join(', ')}
        </Notice>
      )}
      <Proof of={body} />
      <p className={`print-only ${styles['signature'] ?? ''}`}>
        <span>{texts.reviewed}</span>
        <span>{texts.reviewedOn}</span>
      </p>
    </>
  );
}

function Figures({ date, of }: { readonly date: string; readonly of: DaySummary }): ReactElement {
  const row = (figure: FigureKey, ask: string, value: string | null, shown: ReactElement) => ({
    name: FIGURES[figure].name,
    value:
      value === null ? (
        <NoValue />
      ) : (
        <Figure figure={figure} ask={ask}>
          {shown}
        </Figure>
      ),
  });
  return (
    <Facts
      rows={[
        row('day.gain', `gain:${date}`, of.day_result, <Delta amount={of.day_result} />),
        row('day.trading', `trading:${date}`, of.trading_pnl, <Delta amount={of.trading_pnl} />),
        row('books.result', `result:${date}`, of.net_income, <Delta amount={of.net_income} />),
        row('books.fees', `fees:${date}`, of.fees, <Money amount={of.fees} />),
        row('day.trades', `count:${date}`, String(of.total_trades), <span className="num">{of.total_trades}</span>),
        row(
          'trades.winRate',
          `winrate:${date}`,
          of.win_rate,
          <span className="num">{of.win_rate === null ? '' : percent(of.win_rate)}</span>,
        ),
        row('trades.slippage', `slippage:${date}`, of.slippage, <Money amount={of.slippage} />),
        row('day.float', `opening:${date}/float`, of.float_at_start, <Money amount={of.float_at_start} />),
      ]}
    />
  );
}

const part = (name: string) => (date: string) => `bridge:${date}/${name}`;

/** The rows of the bridge: the field of the summary, the figure, and its question. */
const BRIDGE: readonly (readonly [field: string, figure: FigureKey, ask: (date: string) => string])[] = [
  ['opening_value', 'bridge.opening', part('opening')],
  ['realized', 'bridge.realized', (date) => `realized:${date}`],
  ['fees', 'bridge.fees', (date) => `fees:${date}`],
  ['other_income', 'bridge.other', part('other')],
  ['unrealized', 'bridge.unrealized', part('unrealized')],
  ['transfers', 'bridge.transfers', part('moved')],
  ['value', 'bridge.value', (date) => `bridge:${date}`],
];

function Bridge({
  date,
  of: { equity_bridge: bridge },
}: {
  readonly date: string;
  readonly of: DaySummary;
}): ReactElement {
  return (
    <Card title={texts.bridge}>
      {bridge === null ? (
        <NoValue />
      ) : (
        <table className={`plain-table ${styles['bridge'] ?? ''}`}>
          <tbody>
            {BRIDGE.map(([field, figure, ask]) => {
              const amount = bridge[field] ?? null;
              const total = field === 'opening_value' || field === 'value';
              return (
                <tr key={field} className={field === 'value' ? styles['sum'] : undefined}>
                  <td>{FIGURES[figure].name}</td>
                  <td>
                    {amount === null ? (
                      <NoValue />
                    ) : (
                      <Figure figure={figure} ask={ask(date)}>
                        {total ? <Money amount={amount} /> : <Delta amount={amount} />}
                      </Figure>
                    )}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
    </Card>
  );
}
