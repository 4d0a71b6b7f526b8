import type { ReactElement } from 'react';
import { useBriefing } from '../../api/status.js';
import type { Status } from '../../generated/status.js';
import { useAsOf } from '../../lib/url.js';
import { Card, Facts } from '../../parts/card.js';
import { Figure } from '../../parts/figure.js';
import { Delta, Money } from '../../parts/money.js';
import { Time } from '../../parts/time.js';
import styles from './main.module.css';
import { main } from './messages.js';

/** Each figure of the money with its explanation. */
export function MoneyCard({ status }: { readonly status: Status }): ReactElement {
  const { date } = status.session;
  const { figures } = main;
  const open = status.open_positions;
  const unpriced = open.filter(({ last_price: price }) => price === null || price === undefined);
  const bridge = status.equity_bridge ?? null;
  const total = status.cumulative.net_income ?? status.cumulative.PnL;
  const groups = {
    today: [
      of(figures.daily, 'daily_gain_loss', <Delta amount={status.daily_gain_loss} />),
      of(figures.unrealizedToday, 'equity_bridge.unrealized', <Delta amount={bridge?.unrealized} />),
      of(figures.trading, 'daily.trading_pnl', <Delta amount={status.daily.trading_pnl} />),
      of(figures.netIncome, 'daily.net_income', <Delta amount={status.daily.net_income ?? status.daily.PnL} />),
    ],
    total: [
      of(figures.unrealized, 'unrealized', <Delta amount={status.unrealized} />),
      of(figures.tradingTotal, 'cumulative.trading_pnl', <Delta amount={status.cumulative.trading_pnl} />),
      of(figures.netIncomeTotal, 'cumulative.net_income', <Delta amount={total} />),
    ],
    balances: [
      of(figures.value, 'market_value', <Money amount={status.market_value} />),
      of(figures.equity, 'equity', <Money amount={status.equity} />),
      of(figures.cash, 'cash', <Money amount={status.cash} />),
      of(figures.float, 'float', <Float status={status} />),
    ],
  };
  return (
    <Card title={main.money} aside={<ValuedAt status={status} />}>
      <div className={styles['money']}>
        {Object.entries(groups).map(([group, rows]) => (
          <div key={group} data-group={group}>
            <Facts rows={rows.map((row) => ({ name: row.name, value: <Shown of={row} date={date} /> }))} />
          </div>
        ))}
      </div>
      {unpriced.length === 0 ? null : <p className="dim">{main.atCost(unpriced.length, open.length)}</p>}
    </Card>
  );
}

function Shown({
  of: { name, field, shown },
  date,
}: {
  readonly of: ReturnType<typeof of>;
  readonly date: string | null;
}): ReactElement {
  return (
    <Figure name={name} field={field} of={{ date }}>
      {shown}
    </Figure>
  );
}

const of = (name: string, field: string, shown: ReactElement) => ({ name, field, shown });

/** Before the first session the float of the set-up, which that session books. */
function Float({ status }: { readonly status: Status }): ReactElement {
  const planned = status.planned_float ?? null;
  if (status.float !== null || planned === null) return <Money amount={status.float} />;
  return (
    <>
      <Money amount={planned} /> <span className="dim">{main.figures.planned}</span>
    </>
  );
}

/** In an open session positions are valued every five minutes. */
const PRICES_OLD_MS = 11 * 60_000;

function ValuedAt({ status }: { readonly status: Status }): ReactElement {
  const past = useAsOf() !== null;
  const { data: now } = useBriefing();
  const clock = (now?.clock ?? null) as { readonly utc: string } | null;
  const valued = status.valued_at ?? null;
  const isOpen = !past && status.session.state === 'OPEN' && status.open_positions.length > 0;
  const isOld =
    isOpen && valued !== null && clock !== null && Date.parse(clock.utc) - Date.parse(valued) > PRICES_OLD_MS;
  return (
    <span className={`${isOld ? 'needs-person' : 'dim'} ${styles['at'] ?? ''}`}>
      {isOld ? main.pricesOld : valued === null ? main.asOf : main.valuedAt} <Time at={valued ?? status.as_of.time} />
    </span>
  );
}
