import type { ReactElement } from 'react';
import { useStatus } from '../../api/status.js';
import { useAsOf } from '../../lib/url.js';
import { Empty, Loading, ProblemNotice } from '../../parts/state.js';
import { Attention } from './attention.js';
import { Briefing } from './briefing.js';
import { Conversions } from './conversions.js';
import { main } from './messages.js';
import { MoneyCard } from './money-card.js';
import { Positions } from './positions.js';
import { Strategies } from './strategies.js';

/** Session briefing, money, open positions, strategies: what a person looks at during a session. */
export default function MainPage(): ReactElement {
  const status = useStatus();
  const past = useAsOf() !== null;
  return (
    <div className="cards">
      {past ? null : <Attention status={status.data} />}
      {past ? null : <Briefing />}
      {status.data === undefined ? (
        status.error === null ? (
          <Loading lines={10} />
        ) : status.error.status === 404 ? (
          <Empty title={main.nothingYet} />
        ) : (
          <ProblemNotice problem={status.error} again={() => void status.refetch()} />
        )
      ) : (
        <>
          <MoneyCard status={status.data} />
          <Positions status={status.data} />
          <Conversions status={status.data} />
          <Strategies status={status.data} />
        </>
      )}
    </div>
  );
}
