import { NativeSelect } from '@mantine/core';
import type { ReactElement } from 'react';
import { api } from '../../api/client.js';
import { useApi } from '../../api/query.js';
import { useAsOf, useParams, useSetParams } from '../../lib/url.js';
import { NextSession } from '../../parts/next-session.js';
import { Empty, State } from '../../parts/state.js';
import { decisions as texts } from './messages.js';
import { Now } from './now.js';
import { Record } from './record.js';

const MOST_SESSIONS = 200;

/** Why there was no trade: what holds the bot now, and for each symbol of a session the rule that ended it. */
export default function DecisionsPage(): ReactElement {
  const asof = useAsOf();
  const sessions = useSessions();
  const { date } = useParams();
  return (
    <div className="cards">
      {asof === null ? <Now /> : null}
      <State of={sessions} lines={4}>
        {({ items }) => {
          const dates = items.map(({ data }) => String(data['date']));
          const shown = date ?? dates[0];
          if (shown === undefined)
            return (
              <Empty title={texts.noSession}>
                {texts.noSessionHelp}
                <NextSession />
              </Empty>
            );
          return <Record date={shown} choose={<Sessions dates={dates} shown={shown} />} />;
        }}
      </State>
    </div>
  );
}

/** Newest first; those after the moment that is shown did not exist then. */
function useSessions() {
  const asof = useAsOf();
  return useApi(
    ['sessions', asof],
    (signal) =>
      api.GET('/api/journal/events', {
        signal,
        params: { query: { type: 'SessionOpened', limit: MOST_SESSIONS, ...(asof === null ? {} : { asof }) } },
      }),
    { live: ['SessionOpened'] },
  );
}

function Sessions({ dates, shown }: { readonly dates: readonly string[]; readonly shown: string }): ReactElement {
  const setParams = useSetParams();
  return (
    <NativeSelect
      size="xs"
      aria-label={texts.choose}
      data={dates.includes(shown) ? [...dates] : [shown, ...dates]}
      value={shown}
      onChange={({ currentTarget }) => setParams({ date: currentTarget.value, rule: '', of: '' }, { replace: false })}
    />
  );
}
