import type { ReactElement } from 'react';
import { useStatus } from '../../api/status.js';
import type { Status } from '../../generated/status.js';
import { useAsOf } from '../../lib/url.js';
import { Empty, Loading, ProblemNotice } from '../../parts/state.js';
import { Attention, Warnings } from './attention.js';
import { Briefing } from './briefing.js';
import { Conversions } from './conversions.js';
import { Curve } from './curve.js';
import { DayCard } from './day-card.js';
import styles from './main.module.css';
import { main } from './messages.js';
import { MoneyCard } from './money-card.js';
import { LastOrders } from './orders.js';
import { Positions } from './positions.js';
import { Risk, useRisk } from './risk.js';
import { Strategies } from './strategies.js';

/** What a person looks at during a session: money, open positions with their stops, orders, risk in use, strategies. */
export default function MainPage(): ReactElement {
  const status = useStatus();
  const past = useAsOf() !== null;
  return (
    <div className="cards">
      {past ? null : <Attention status={status.data} />}
      {status.data === undefined ? (
        <>
          {past ? null : <Briefing />}
          {status.error === null ? (
            <Loading lines={10} />
          ) : status.error.status === 404 ? (
            <Empty title={main.nothingYet} />
          ) : (
            <ProblemNotice problem={status.error} again={() => void status.refetch()} />
          )}
        </>
      ) : (
        <Body status={status.data} past={past} />
      )}
      {past ? null : <Warnings />}
    </div>
  );
}

function Body({ status, past }: { readonly status: Status; readonly past: boolean }): ReactElement {
  const risk = useRisk();
  return (
    <>
      <MoneyCard status={status} />
      <div className={styles['columns']}>
        <div className="cards">
          <Positions status={status} risk={risk.data} />
          <LastOrders date={status.session.date} />
          <Conversions status={status} />
          <Curve />
        </div>
        <div className="cards">
          {past ? null : <Briefing />}
          <Risk of={risk} date={status.session.date} />
          <Strategies status={status} />
        </div>
      </div>
      <DayCard status={status} />
    </>
  );
}
