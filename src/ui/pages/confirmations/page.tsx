import { Button, TextInput } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { api } from '../../api/client.js';
import { usePages } from '../../api/pages.js';
import { useApi, useChange } from '../../api/query.js';
import { useMay } from '../../app/session.js';
import type { components } from '../../generated/api.js';
import { words } from '../../lib/format.js';
import { Card, Facts } from '../../parts/card.js';
import { DataTable, type Column } from '../../parts/data-table.js';
import { EventPageLink } from '../../parts/event-link.js';
import { faultsOf } from '../../parts/faults.js';
import { Figure } from '../../parts/figure.js';
import { Money, Quantity } from '../../parts/money.js';
import { Empty, Loading, Notice, ProblemNotice, State } from '../../parts/state.js';
import { Time } from '../../parts/time.js';
import { confirmations as texts } from './messages.js';

type Waiting = components['schemas']['WaitingAnswer'];
type Event = components['schemas']['EventAnswer'];
type Take = 'confirmed' | 'refused';

const WAITING = ['confirmations'] as const;
const DECIDED = ['confirmations-decided'] as const;
const POLL_MS = 2_000;
const PAGE = 30;

/** Entries that a person confirms or refuses before they are sent, and what was decided before. */
export default function ConfirmationsPage(): ReactElement {
  const found = useApi(WAITING, (signal) => api.GET('/api/confirmations', { signal }), {
    ...{ live: 'every event', pollMs: POLL_MS },
  });
  const [done, setDone] = useState('');
  return (
    <div className="cards">
      {done === '' ? null : <Notice icon="check" title={done} />}
      <State of={found} lines={4}>
        {({ waiting }) =>
          waiting.length === 0 ? (
            <Empty title={texts.none}>{texts.noneWhy}</Empty>
          ) : (
            <div className="cards">
              {waiting.map((one) => (
                <Entry key={one.signalId} of={one} done={setDone} />
              ))}
            </div>
          )
        }
      </State>
      <Decided />
    </div>
  );
}

function Entry({ of, done }: { readonly of: Waiting; readonly done: (text: string) => void }): ReactElement {
  const { signalId, strategy, symbol, side, quantity, price, cost, expiresAt } = of;
  const may = useMay('confirm-trades');
  const [reason, setReason] = useState('');
  const decide = useChange(
    (take: Take) =>
      api.POST('/api/confirmations/decide', {
        body: { signalId, take, reason: reason.trim() || texts.byHand[take] },
      }),
    { refresh: [WAITING, DECIDED, ['status']] },
  );
  const act = (take: Take): void =>
    decide.mutate(take, {
      onSuccess: () => done(take === 'confirmed' ? texts.confirmed(symbol) : texts.refused(symbol)),
    });
  const faults = decide.error === null ? null : faultsOf(decide.error, (field) => field === 'reason');
  return (
    <Card title={texts.ask(side, quantity, symbol)}>
      <div className="form">
        <Facts
          rows={[
            { name: texts.facts.strategy, value: strategy },
            { name: texts.facts.price, value: <Quantity value={price} /> },
            {
              name: texts.facts.cost,
              value: (
                <Figure figure="confirmation.cost" ask={signalId} subject={symbol}>
                  <Money amount={cost} />
                </Figure>
              ),
            },
            { name: texts.facts.left, value: <Time at={expiresAt} /> },
          ]}
        />
        {decide.error === null || faults?.all === true ? null : <ProblemNotice problem={decide.error} />}
        {may ? (
          <>
            <TextInput
              label={texts.reason}
              description={texts.reasonHelp}
              maxLength={300}
              value={reason}
              error={faults?.atFields['reason']}
              onChange={({ currentTarget }) => setReason(currentTarget.value)}
            />
            <div className="form-buttons">
              <Button loading={decide.isPending} onClick={() => act('confirmed')}>
                {texts.confirm}
              </Button>
              <Button variant="default" disabled={decide.isPending} onClick={() => act('refused')}>
                {texts.refuse}
              </Button>
            </div>
          </>
        ) : (
          <p className="dim">{texts.notYours}</p>
        )}
      </div>
    </Card>
  );
}

interface Decision {
  readonly symbol: string;
  readonly strategy: string;
  readonly outcome: string;
  readonly reason: string;
}

const { columns: heads } = texts;
const decisionOf = ({ data }: Event): Decision => data as unknown as Decision;

const COLUMNS: readonly Column<Event>[] = [
  { key: 'at', head: heads.at, cell: ({ occurredAt }) => <Time at={occurredAt} /> },
  { key: 'symbol', head: heads.symbol, cell: (event) => decisionOf(event).symbol },
  { key: 'strategy', head: heads.strategy, wide: true, cell: (event) => decisionOf(event).strategy },
  { key: 'outcome', head: heads.outcome, cell: (event) => words(decisionOf(event).outcome) },
  { key: 'reason', head: heads.reason, wide: true, cell: (event) => decisionOf(event).reason },
  {
    key: 'event',
    head: heads.event,
    wide: true,
    cell: ({ position, type }) => <EventPageLink position={position} type={type} />,
  },
];

function Decided(): ReactElement {
  const list = usePages<Event>(
    DECIDED,
    (cursor, signal) =>
      api.GET('/api/journal/events', {
        signal,
        params: {
          query: { type: 'EntryConfirmationDecided', limit: PAGE, ...(cursor === undefined ? {} : { cursor }) },
        },
      }),
    { live: 'every event' },
  );
  return (
    <Card title={texts.history}>
      {list.error === null ? null : <ProblemNotice problem={list.error} again={list.again} />}
      {list.rows === undefined ? (
        <Loading lines={3} />
      ) : (
        <DataTable
          label={texts.history}
          columns={COLUMNS}
          rows={list.rows}
          rowKey={({ position }) => position}
          more={list.more}
          empty={texts.noHistory}
        />
      )}
    </Card>
  );
}
