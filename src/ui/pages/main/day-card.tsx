import type { ReactElement } from 'react';
import type { Status } from '../../generated/status.js';
import { capital, words } from '../../lib/format.js';
import { Card, Facts } from '../../parts/card.js';
import { NoValue } from '../../parts/money.js';
import { Time } from '../../parts/time.js';
import { main } from './messages.js';

/** Which session it is, which market is traded, and how good its data was; who trades, where other homes could. */
export function DayCard({ status }: { readonly status: Status }): ReactElement {
  const { session, ownership: owner, universe_status: universe } = status;
  const { facts: names } = main;
  return (
    <Card title={main.day}>
      <Facts
        rows={[
          {
            name: names.session,
            value: session.date === null ? main.noSession : main.sessionOf(session.date, session.state.toLowerCase()),
          },
          { name: names.phase, value: session.phase === null ? main.betweenPhases : words(session.phase) },
          { name: names.feed, wide: true, value: <Feed of={status.market_feed} /> },
          { name: names.universe, value: universe === null ? main.noUniverse : capital(universe) },
          { name: names.data, value: words(status.market_data.state) },
          { name: names.quality, value: <Quality of={status.market_quality ?? null} /> },
          ...(owner === undefined ? [] : [{ name: names.owner, value: <Owner of={owner} /> }]),
        ]}
      />
    </Card>
  );
}

function Feed({ of: feed }: { readonly of: Status['market_feed'] }): ReactElement {
  if (feed === undefined || feed.feed === null) return <NoValue />;
  const { description, simulated, days, first_day: first, last_day: last, symbols } = feed;
  const what = description ?? feed.feed;
  return (
    <>
      {simulated === true ? main.simulatedMarket(what) : capital(what)}
      {days === null ? '' : `, ${main.days(days, first ?? '', last ?? '')}`}
      {symbols.length === 0 ? '' : ` (${symbols.join(', ')})`}
    </>
  );
}

type Owned = NonNullable<Status['ownership']>;

function Owner({ of: { number, home, machine, since, ended } }: { readonly of: Owned }): ReactElement {
  return (
    <>
      {main.ownerOf(number, home, machine)} <Time at={since} />
      {ended ? `, ${main.ownerEnded}` : ''}
    </>
  );
}

type Found = NonNullable<Status['market_quality']>;

/** The market data of the last recorded session, and what was wrong with it by rule. */
function Quality({ of: quality }: { readonly of: Found | null }): ReactElement {
  if (quality === null) return <NoValue why={main.noRecordedDay} />;
  const { date, bars, dropped_rows: dropped, findings } = quality;
  const rules = Object.entries(findings).map(([rule, times]) => `${words(rule.toLowerCase())} ${times}`);
  return (
    <>
      {main.bars(date, bars)},{' '}
      {dropped === 0 ? main.noDrops : <strong className="needs-person">{main.dropped(dropped)}</strong>}
      {rules.length === 0 ? '' : ` (${rules.join(', ')})`}
    </>
  );
}
