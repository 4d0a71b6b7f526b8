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
import type { FigureKey } from '../../parts/figures.js';
import { Money, NoValue, Quantity } from '../../parts/money.js';
import { State } from '../../parts/state.js';
import styles from './main.module.css';
import { main } from './messages.js';

export type RiskBody = components['schemas']['RiskAnswer'];
type Limit = RiskBody['limits'][number];

/** From this share of a loss limit on it is shown as near. For the colour alone; what is planned to be used up has none. */
const NEAR = 0.8;
const LOSSES: readonly string[] = ['DAILY_LOSS_LIMIT'];

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
              {lossAtStops === null ? (
                <NoValue why={main.noStops} />
              ) : (
                <Figure figure="risk.atStops" ask="atstops">
                  <Money amount={lossAtStops} />
                </Figure>
              )}
            </div>
          </div>
        )}
      </State>
    </Card>
  );
}

type Asked = readonly [figure: FigureKey, ask: string];

/** The questions of what is used, and of the limit; the other limits are settings. */
const EXPLAINED: Readonly<Record<string, (date: string) => { readonly used: Asked; readonly limit?: Asked }>> = {
  DAILY_LOSS_LIMIT: (date) => ({ used: ['risk.loss', `gain:${date}`] }),
  SESSION_CAP: (date) => ({
    used: ['risk.atWork', 'atwork'],
    limit: ['risk.cap', `opening:${date}/cap`],
  }),
};

function Used({ of, date }: { readonly of: Limit; readonly date: string | null }): ReactElement {
  const { code, used, limit, unit, share } = of;
  const name = main.limits[code] ?? code;
  const Amount = unit === 'dollars' ? ({ of: text }: { of: string }) => <Money amount={text} /> : Count;
  const asks = date === null ? undefined : EXPLAINED[code]?.(date);
  const asked = (ask: Asked | undefined, shown: ReactElement): ReactElement =>
    ask === undefined ? (
      shown
    ) : (
      <Figure figure={ask[0]} ask={ask[1]}>
        {shown}
      </Figure>
    );
  return (
    <div className={styles['limit']}>
      <span className="dim">{name}</span>
      <span>
        {asked(asks?.used, <Amount of={used} />)} <span className="dim">{main.limitOf}</span>{' '}
        <span data-limit="">{asked(asks?.limit, <Amount of={limit} />)}</span>
      </span>
      <Meter share={share} warns={LOSSES.includes(code)} />
      {code === 'SESSION_CAP' && isAbove(share) ? <span className="dim">{main.aboveCap}</span> : null}
    </div>
  );
}

const Count = ({ of }: { readonly of: string }): ReactElement => <Quantity value={of} />;

/** More than all of a limit. */
const isAbove = (share: string | null): boolean => share !== null && Number(share) > 1;

function Meter({ share, warns }: { readonly share: string | null; readonly warns: boolean }): ReactElement {
  const value = Math.min(1, Number(share ?? '1'));
  return (
    <div className={styles['meter']} title={share === null ? undefined : percent(share)}>
      <div className={warns && value >= NEAR ? styles['near'] : undefined} style={{ width: `${value * 100}%` }} />
    </div>
  );
}
