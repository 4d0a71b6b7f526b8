import type { ReactElement } from 'react';
import { api } from '../../api/client.js';
import { useApi } from '../../api/query.js';
import { useStatus } from '../../api/status.js';
import type { Status } from '../../generated/status.js';
import { useAsOf } from '../../lib/url.js';
import { Card, Facts, Pill } from '../../parts/card.js';
import { NoValue } from '../../parts/money.js';
import { State } from '../../parts/state.js';
import { Time } from '../../parts/time.js';
import { Books } from './books.js';
import { Foreign } from './foreign.js';
import { broker as texts } from './messages.js';
import { News } from './news.js';

/** The account that orders go to: connection, rights, free calls, what others do in it, and what it reported. */
export default function BrokerPage(): ReactElement {
  const status = useStatus();
  return (
    <State of={status} lines={12}>
      {(body) => (
        <div className="cards">
          <Account of={body} />
          <Books of={body} />
          <Foreign of={body} />
          <News />
        </div>
      )}
    </State>
  );
}

type Figures = Readonly<Record<string, string>>;

const POLL_MS = 5_000;

/** What the engine reports of the account; undefined in the past and before it is known. */
function useEngineFigures(): Figures | undefined {
  const past = useAsOf() !== null;
  const { data } = useApi(['processes'], (signal) => api.GET('/api/processes', { signal }), {
    ...{ pollMs: POLL_MS, enabled: !past },
  });
  if (past) return undefined;
  return data?.processes.find(({ process }) => process === 'engine')?.figures as Figures | undefined;
}

function Account({ of }: { readonly of: Status }): ReactElement {
  const figures = useEngineFigures();
  const past = useAsOf() !== null;
  const { facts } = texts;
  const { broker_account: account, broker, market_feed: feed } = of;
  const kind = account?.kind ?? 'unknown';
  // Before a broker is chosen, nothing is connected and no money is at stake.
  const chosen = (account ?? null) !== null || broker.name !== null;
  const now = (text: string | undefined): ReactElement =>
    past ? <span className="dim">{texts.pastOnly}</span> : text === undefined ? <NoValue /> : <>{text}</>;
  return (
    <Card
      title={texts.account}
      aside={
        !chosen ? undefined : broker.state === 'ok' ? (
          <Pill tone="on">{texts.ok}</Pill>
        ) : (
          <Pill tone="bad">{texts.down(broker.reason ?? '')}</Pill>
        )
      }
    >
      <Facts
        rows={[
          { name: facts.broker, value: account?.text ?? broker.name ?? <NoValue /> },
          { name: facts.money, value: chosen ? (texts.kinds[kind] ?? kind) : <NoValue /> },
          {
            name: facts.host,
            value: account?.host ? <code>{account.host}</code> : chosen ? texts.noHost : <NoValue />,
          },
          ...(broker.since === null ? [] : [{ name: facts.since, value: <Time at={broker.since} /> }]),
          { name: facts.feed, value: feed?.description ?? <NoValue /> },
          {
            name: facts.can,
            value: kind === 'simulator' ? texts.simulated : now(figures?.['broker_can']),
          },
          { name: facts.calls, value: kind === 'simulator' ? texts.unlimited : now(callsText(figures)) },
        ]}
      />
    </Card>
  );
}

function callsText(figures: Figures | undefined): string | undefined {
  if (figures?.['broker_can'] === undefined) return undefined;
  const left = figures['broker_calls_left'];
  const all = figures['broker_calls_per_minute'];
  if (left === undefined) return texts.unlimited;
  return all === undefined ? texts.callsLeft(left) : texts.calls(left, all);
}
