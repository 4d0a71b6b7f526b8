import type { ReactElement } from 'react';
import { useBriefing, useConditions, useStatus } from '../../api/status.js';
import type { Status } from '../../generated/status.js';
import { capital, span, words } from '../../lib/format.js';
import { Card, Facts, Pill } from '../../parts/card.js';
import { Conditions, Outputs } from '../../parts/conditions.js';
import { DataTable, type Column } from '../../parts/data-table.js';
import { NoValue } from '../../parts/money.js';
import { State } from '../../parts/state.js';
import { Time } from '../../parts/time.js';
import { Backups } from './backups.js';
import { JournalCard } from './journal-card.js';
import styles from './health.module.css';
import { health as texts } from './messages.js';
import { Processes } from './processes.js';

/** Whether the program, its journal and its machine are well, each with its evidence. */
export default function HealthPage(): ReactElement {
  const status = useStatus();
  return (
    <div className="cards">
      <ConditionsNow />
      <div className="cards cards-2">
        <JournalCard />
        <ClockCard />
      </div>
      <Processes />
      <div className={`cards cards-2 ${styles['top']}`}>
        <div className="cards">
          <Backups />
          <State of={status} lines={6}>
            {(body) => <Watchdog of={body} />}
          </State>
        </div>
        <State of={status} lines={6}>
          {(body) => <Outputs of={body.projections} />}
        </State>
      </div>
    </div>
  );
}

function ConditionsNow(): ReactElement {
  const found = useConditions();
  return (
    <State of={found} lines={2}>
      {({ overall, conditions }) => <Conditions overall={overall} of={conditions} />}
    </State>
  );
}

interface Clock {
  readonly utc: string;
  readonly machine: string;
  readonly speed: string;
}

interface Feed {
  readonly state: string;
  readonly reason: string;
  readonly ageSeconds: number | null;
}

function ClockCard(): ReactElement {
  const now = useBriefing();
  const status = useStatus();
  const { clockFacts: names } = texts;
  return (
    <Card title={texts.clock}>
      <State of={now} lines={5}>
        {(body) => {
          const clock = body.clock as Clock | null;
          const feed = body.marketData as Feed | null;
          const age = feed?.ageSeconds;
          const next = body.nextSession as { readonly text: string };
          return (
            <Facts
              rows={[
                { name: names.bot, value: <Time at={clock?.utc} /> },
                { name: names.machine, value: <Time at={clock?.machine} /> },
                { name: names.speed, value: clock === null ? <NoValue /> : texts.speed(clock.speed) },
                { name: names.next, wide: true, value: capital(next.text) },
                {
                  name: names.feed,
                  value:
                    feed === null ? (
                      texts.noFeed
                    ) : feed.state === 'lost' ? (
                      <Pill tone="warn">{feed.reason === '' ? feed.state : feed.reason}</Pill>
                    ) : (
                      feed.state
                    ),
                },
                {
                  name: names.age,
                  value: typeof age === 'number' ? <span className="num">{span(age)}</span> : <NoValue />,
                },
                { name: names.source, value: status.data?.market_feed?.description ?? <NoValue /> },
              ]}
            />
          );
        }}
      </State>
    </Card>
  );
}

interface Watched {
  readonly name: string;
  readonly state: string;
  readonly since: string;
  readonly reason: string;
}

const WATCHED: readonly Column<Watched>[] = [
  { key: 'name', head: texts.watched.name, cell: ({ name }) => capital(words(name)) },
  {
    ...{ key: 'state', head: texts.watched.state },
    cell: ({ state }) => (state === 'healthy' ? state : <Pill tone={state === 'down' ? 'bad' : 'warn'}>{state}</Pill>),
  },
  { key: 'reason', head: texts.watched.reason, cell: ({ reason }) => reason },
  { key: 'since', head: texts.watched.since, wide: true, cell: ({ since }) => <Time at={since} /> },
];

function Watchdog({ of }: { readonly of: Status }): ReactElement {
  const rows = Object.entries(of.watchdog).flatMap(([name, one]) => (one === null ? [] : [{ ...one, name }]));
  return (
    <Card title={texts.watchdog}>
      <p className="dim">{texts.watchdogWhy}</p>
      <DataTable
        label={texts.watchdog}
        columns={WATCHED}
        rows={rows}
        rowKey={({ name }) => name}
        empty={texts.notWatched}
      />
    </Card>
  );
}
