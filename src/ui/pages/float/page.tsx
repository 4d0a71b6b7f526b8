import { NativeSelect, TextInput } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { api, send } from '../../api/client.js';
import { usePages } from '../../api/pages.js';
import { queries } from '../../api/query.js';
import { useStatus } from '../../api/status.js';
import { useMay } from '../../app/session.js';
import type { components } from '../../generated/api.js';
import { dollars } from '../../lib/format.js';
import { useAsOf } from '../../lib/url.js';
import { Card, Facts } from '../../parts/card.js';
import { DataTable, type Column } from '../../parts/data-table.js';
import { EventPageLink } from '../../parts/event-link.js';
import { Figure } from '../../parts/figure.js';
import { FormBody, useServerForm } from '../../parts/form.js';
import { parts } from '../../parts/messages.js';
import { Money } from '../../parts/money.js';
import { Loading, Notice, ProblemNotice, State } from '../../parts/state.js';
import { Time } from '../../parts/time.js';
import { float as texts } from './messages.js';

type Event = components['schemas']['EventAnswer'];
type Booked = components['schemas']['FloatAnswer'];

/** Data of the event FloatAdjusted. */
interface Adjusted {
  readonly direction?: 'inject' | 'return';
  readonly amount?: string;
  readonly reason?: string;
}

const PAGE = 50;
const HISTORY = ['float-history'] as const;
const { columns: heads } = texts;

/** The capital of the bot, its moves, and a form for who may move it. */
export default function FloatPage(): ReactElement {
  const mayMove = useMay('float');
  const past = useAsOf() !== null;
  return (
    <div className="cards">
      <Now />
      {mayMove && !past ? <Move /> : null}
      <History />
    </div>
  );
}

function Now(): ReactElement {
  const status = useStatus();
  return (
    <Card title={texts.now}>
      <State of={status} lines={2}>
        {({ float, planned_float: planned = null }) => (
          <div className="form">
            <Facts
              rows={[
                {
                  name: texts.float,
                  value: (
                    <Figure figure="float">
                      <Money amount={float ?? planned} />
                    </Figure>
                  ),
                },
              ]}
            />
            <p className="dim">
              {float === null && planned !== null ? `${texts.planned} ` : ''}
              {texts.why}
            </p>
          </div>
        )}
      </State>
    </Card>
  );
}

function Move(): ReactElement {
  const [booked, setBooked] = useState<Booked | null>(null);
  const state = useServerForm({
    values: { direction: 'inject', amount: '', reason: '' },
    send: async ({ direction, amount, reason }) => {
      setBooked(null);
      const body = { direction: direction as Booked['direction'], amount: amount.trim(), reason: reason.trim() };
      setBooked(await send(() => api.POST('/api/float', { body })));
    },
    done: () => {
      state.form.reset();
      for (const queryKey of [HISTORY, ['status']]) void queries.invalidateQueries({ queryKey });
    },
  });
  const { form } = state;
  return (
    <Card title={texts.move}>
      {booked === null ? null : (
        <Notice icon="check" title={texts.done(booked.direction, dollars(booked.amount), dollars(booked.float))}>
          {booked.repeated ? `${texts.before} ` : ''}
          {booked.countsFrom === 'now' ? '' : texts.next}
        </Notice>
      )}
      <FormBody of={state} label={texts.submit} sent={parts.sentToBooks}>
        <p className="dim">{texts.moveWhy}</p>
        <NativeSelect
          label={texts.direction}
          data={Object.entries(texts.directions).map(([value, label]) => ({ value, label }))}
          {...form.getInputProps('direction')}
        />
        <TextInput
          label={texts.amount}
          description={texts.amountHelp}
          inputMode="decimal"
          autoComplete="off"
          {...form.getInputProps('amount')}
        />
        <TextInput
          label={texts.reason}
          description={texts.reasonHelp}
          maxLength={300}
          autoComplete="off"
          {...form.getInputProps('reason')}
        />
      </FormBody>
    </Card>
  );
}

const COLUMNS: readonly Column<Event>[] = [
  { key: 'at', head: heads.at, cell: ({ occurredAt }) => <Time at={occurredAt} /> },
  {
    ...{ key: 'direction', head: heads.direction },
    cell: ({ data }) => texts.directions[(data as Adjusted).direction ?? 'inject'],
  },
  {
    ...{ key: 'amount', head: heads.amount, right: true },
    cell: ({ id, data }) => (
      <Figure figure="float.amount" ask={id} subject="">
        <Money amount={(data as Adjusted).amount} />
      </Figure>
    ),
  },
  { key: 'reason', head: heads.reason, wide: true, cell: ({ data }) => (data as Adjusted).reason },
  {
    ...{ key: 'event', head: heads.event, wide: true },
    cell: ({ position, type }) => <EventPageLink position={position} type={type} />,
  },
];

function History(): ReactElement {
  const asof = useAsOf();
  const list = usePages<Event>(
    [...HISTORY, asof],
    (cursor, signal) =>
      api.GET('/api/journal/events', {
        signal,
        params: {
          query: {
            ...{ type: 'FloatAdjusted', limit: PAGE },
            ...(asof === null ? {} : { asof }),
            ...(cursor === undefined ? {} : { cursor }),
          },
        },
      }),
    { live: ['SessionOpened'] },
  );
  return (
    <Card title={texts.history}>
      {list.error === null ? null : <ProblemNotice problem={list.error} again={list.again} />}
      {list.rows === undefined ? (
        list.error === null ? (
          <Loading lines={4} />
        ) : null
      ) : (
        <DataTable
          label={texts.history}
          columns={COLUMNS}
          rows={list.rows}
          rowKey={({ id }) => id}
          more={list.more}
          empty={texts.none}
        />
      )}
    </Card>
  );
}
