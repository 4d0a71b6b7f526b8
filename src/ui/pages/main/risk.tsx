import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import { api } from '../../api/client.js';
import type { Problem } from '../../api/problem.js';
import { useApi } from '../../api/query.js';
import type { components } from '../../generated/api.js';
import { percent } from '../../lib/format.js';
import { useAsOf } from '../../lib/url.js';
import { Card } from '../../parts/card.js';
import { Figure } from '../../parts/figure.js';
import { Money, NoValue, Quantity } from '../../parts/money.js';
import { State } from '../../parts/state.js';
import styles from './main.module.css';
import { main } from './messages.js';

export type RiskBody = components['schemas']['RiskAnswer'];
type Limit = RiskBody['limits'][number];

/** From this share of a limit on it is shown as near. For the colour alone. */
const NEAR = 0.8;

/** Limits in use and distances to the stops, now or at the position of the address. */
export function useRisk(): UseQueryResult<RiskBody, Problem> {
  const asof = useAsOf();
  return useApi(
    ['risk', asof],
    (signal) => api.GET('/api/risk', { signal, params: { query: asof === null ? {} : { asof } } }),
    asof === null ? { live: 'every event', pollMs: 5_000 } : {},
  );
}

/** How much of each limit is used. */
export function Risk({
  of,
  date,
}: {
  readonly of: UseQueryResult<RiskBody, Problem>;
  readonly date: string | null;
}): ReactElement {
  return (
    <Card title={main.risk}>
      <State of={of} lines={4}>
        {({ limits, lossAtStops }) => (
          <div className={styles['limits']}>
            {limits.map((limit) => (
              <Used key={limit.code} of={limit} date={date} />
            ))}
            <div className={styles['limit']}>
              <span className="dim">{main.atStops}</span>
              {lossAtStops === null ? <NoValue why={main.noStops} /> : <Money amount={lossAtStops} />}
            </div>
          </div>
        )}
      </State>
    </Card>
  );
}

const EXPLAINED: Readonly<Record<string, string>> = {
  DAILY_LOSS_LIMIT: 'daily_gain_loss',
  SESSION_CAP: 'session_cap',
};

function Used({ of, date }: { readonly of: Limit; readonly date: string | null }): ReactElement {
  const { code, used, limit, unit, share } = of;
  const name = main.limits[code] ?? code;
  const Amount = unit === 'dollars' ? ({ of: text }: { of: string }) => <Money amount={text} /> : Count;
  const shown = (
    <>
      <Amount of={used} /> <span className="dim">{main.limitOf}</span> <Amount of={limit} />
    </>
  );
  const field = EXPLAINED[code];
  return (
    <div className={styles['limit']}>
      <span className="dim">{name}</span>
      <span>
        {field === undefined || date === null ? (
          shown
        ) : (
          <Figure name={name} field={field} of={{ date }}>
            {shown}
          </Figure>
        )}
      </span>
      <Meter share={share} />
    </div>
  );
}

const Count = ({ of }: { readonly of: string }): ReactElement => <Quantity value={of} />;

function Meter({ share }: { readonly share: string | null }): ReactElement {
  const value = Math.min(1, Number(share ?? '1'));
  return (
    <div className={styles['meter']} title={share === null ? undefined : percent(share)}>
      <div className={value >= NEAR ? styles['near'] : undefined} style={{ width: `${value * 100}%` }} />
    </div>
  );
}
