import type { ReactElement } from 'react';
import { useBriefing } from '../../api/status.js';
import type { Status } from '../../generated/status.js';
import { useAsOf } from '../../lib/url.js';
import { Card, Facts } from '../../parts/card.js';
import { Figure } from '../../parts/figure.js';
import { FIGURES, type FigureKey } from '../../parts/figures.js';
import { Delta, Money, NoValue } from '../../parts/money.js';
import { Time } from '../../parts/time.js';
import styles from './main.module.css';
import { main } from './messages.js';

/** Each figure of the money with its explanation. */
export function MoneyCard({ status }: { readonly status: Status }): ReactElement {
  const { date } = status.session;
  const open = status.open_positions;
  const unpriced = open.filter(({ last_price: price }) => price === null || price === undefined);
  // The first session books the float and the opening balances together.
  const booked = status.float !== null;
  const bridge = status.equity_bridge ?? null;
  const total = status.cumulative.net_income ?? status.cumulative.PnL;
  const groups = {
    today: [
      of('daily_gain_loss', <Delta amount={status.daily_gain_loss} />),
      of('equity_bridge.unrealized', <Delta amount={bridge?.unrealized} />),
      of('daily.trading_pnl', <Delta amount={status.daily.trading_pnl} />),
      of('daily.net_income', <Delta amount={status.daily.net_income ?? status.daily.PnL} />),
    ],
    total: [
      of('unrealized', <Delta amount={status.unrealized} />),
      of('cumulative.trading_pnl', <Delta amount={status.cumulative.trading_pnl} />),
      of('cumulative.net_income', <Delta amount={total} />),
    ],
    balances: [
      of('market_value', <Money amount={status.market_value} />),
      of('equity', <Money amount={status.equity} />),
      of('cash', <Money amount={status.cash} />),
      of('float', <Float status={status} />),
    ],
  };
  return (
    <Card title={main.money} aside={<ValuedAt status={status} />}>
      <div className={styles['money']}>
        {Object.entries(groups).map(([group, rows]) => (
          <div key={group} data-group={group}>
            <Facts
              rows={rows.map((row) => ({
                name: FIGURES[row.figure].name,
                value: <Shown of={row} date={date} booked={booked} />,
              }))}
            />
          </div>
        ))}
      </div>
      {booked ? null : <p className={`dim ${styles['unbooked'] ?? ''}`}>{main.unbooked}</p>}
      {unpriced.length === 0 ? null : <p className="dim">{main.atCost(unpriced.length, open.length)}</p>}
    </Card>
  );
}

function Shown({
  of: { figure, shown },
  date,
  booked,
}: {
  readonly of: ReturnType<typeof of>;
  readonly date: string | null;
  readonly booked: boolean;
}): ReactElement {
  // Empty books have sums of zero, which nobody measured; the float of the set-up is known all the same.
  if (!booked && figure !== 'float') return <NoValue why={main.notBooked} />;
  return (
    <Figure figure={figure} of={{ date }}>
      {shown}
    </Figure>
  );
}

const of = (figure: FigureKey, shown: ReactElement) => ({ figure, shown });

/** Before the first session the float of the set-up, which that session books. */
function Float({ status }: { readonly status: Status }): ReactElement {
  const planned = status.planned_float ?? null;
  if (status.float !== null || planned === null) return <Money amount={status.float} />;
  return (
    <>
      <Money amount={planned} /> <span className="dim">{main.planned}</span>
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
