import { Link, useParams as usePathParams } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { api } from '../../api/client.js';
import { useApi } from '../../api/query.js';
import type { components } from '../../generated/api.js';
import { words } from '../../lib/format.js';
import { useAsOf } from '../../lib/url.js';
import { BrokerMessage } from '../../parts/broker-message.js';
import { Card, Facts, Pill } from '../../parts/card.js';
import { EventLink } from '../../parts/event-link.js';
import { Figure } from '../../parts/figure.js';
import { FIGURES, type FigureKey } from '../../parts/figures.js';
import { Money, NoValue, Quantity } from '../../parts/money.js';
import { Notice, State } from '../../parts/state.js';
import { Time } from '../../parts/time.js';
import { orders as texts } from './messages.js';
import styles from './orders.module.css';
import { isOpen, toneOf } from './stage.js';
import { timelineOf, type Step } from './timeline.js';

type Life = components['schemas']['OrderLifeAnswer'];
type Entry = Life['entries'][number];

/** One order: its figures, and its life from the signal to the ledger. */
export default function OrderPage(): ReactElement {
  const { id = '' }: { readonly id?: string } = usePathParams({ strict: false });
  const asof = useAsOf();
  const life = useApi(
    ['order', id, asof],
    (signal) => {
      const query = asof === null ? {} : { asof };
      return api.GET('/api/orders/{id}', { signal, params: { path: { id }, query } });
    },
    asof === null ? { live: 'every event' } : {},
  );
  return (
    <div className="cards">
      <p>
        <Link to="/orders" className={styles['link']}>
          {texts.life.back}
        </Link>
      </p>
      <State of={life} lines={12}>
        {(body) => (
          <>
            <Summary of={body.order} />
            <Timeline life={body} />
          </>
        )}
      </State>
    </div>
  );
}

function Summary({ of: order }: { readonly of: Life['order'] }): ReactElement {
  const { columns: names } = texts;
  const figure = (key: FigureKey, value: string | null, shown: ReactElement) => ({
    name: FIGURES[key].name,
    value:
      value === null ? (
        <NoValue />
      ) : (
        <Figure figure={key} ask={order.clientOrderId} subject={order.clientOrderId}>
          {shown}
        </Figure>
      ),
  });
  const price = (key: FigureKey, value: string | null) =>
    value === null ? [] : [figure(key, value, <Quantity value={value} />)];
  return (
    <Card title={`${words(order.side)} ${order.symbol}`} aside={<Pill tone={toneOf(order.stage)}>{order.stage}</Pill>}>
      <Facts
        rows={[
          { name: names.order, wide: true, value: <code className={styles['id']}>{order.clientOrderId}</code> },
          { name: names.strategy, value: order.strategy },
          { name: names.purpose, value: words(order.exitReason ?? order.purpose) },
          { name: names.type, value: order.orderType },
          ...(order.quantity === null
            ? [figure('order.notional', order.notional, <Money amount={order.notional} />)]
            : [figure('order.quantity', order.quantity, <Quantity value={order.quantity} />)]),
          figure('order.filled', order.filled, <Quantity value={order.filled} />),
          figure('order.reference', order.referencePrice, <Quantity value={order.referencePrice} />),
          ...price('order.limit', order.limitPrice),
          ...price('order.stop', order.stopPrice),
          figure('order.price', order.averagePrice, <Quantity value={order.averagePrice} />),
          figure('order.slippage', order.slippage, <Money amount={order.slippage} />),
          figure('order.fees', order.fees, <Money amount={order.fees} />),
        ]}
      />
    </Card>
  );
}

function Timeline({ life }: { readonly life: Life }): ReactElement {
  const { entries, order, postedUpTo } = life;
  const fault = life.ledgerFault as { readonly message: string; readonly remedy: string } | null;
  const steps = timelineOf({
    events: life.events,
    posted: new Set(entries.map(({ eventId }) => eventId)),
    ...{ postedUpTo, purpose: order.purpose, isOpen: isOpen(order.stage) },
  });
  return (
    <Card title={texts.life.timeline}>
      {fault === null ? null : (
        <Notice icon="alert" title={fault.message} tone="warn">
          {fault.remedy}
        </Notice>
      )}
      <ol className={styles['timeline']}>
        {steps.map((step) => (
          <StepRow key={step.key} step={step} entries={entries.filter(({ eventId }) => eventId === step.event?.id)} />
        ))}
      </ol>
    </Card>
  );
}

function StepRow({ step, entries }: { readonly step: Step; readonly entries: readonly Entry[] }): ReactElement {
  const { title, tone, at, wait, notes, figures, event, frame } = step;
  return (
    <li className={styles['step']} data-tone={tone}>
      <div className={styles['when']}>
        {at === null ? null : <Time at={at} />}
        {wait === null ? null : <div className="dim num">{texts.life.wait(wait)}</div>}
      </div>
      <div className={styles['what']}>
        <p className={styles['title']}>
          {title}
          {event === null ? null : <EventLink id={event.id} type={texts.life.explain} />}
        </p>
        {notes.map((note) => (
          <p key={note} className="dim">
            {note}
          </p>
        ))}
        {figures.length === 0 ? null : (
          <dl className={styles['figures']}>
            {figures.map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd className="num">{value}</dd>
              </div>
            ))}
          </dl>
        )}
        {entries.map((entry) => (
          <EntryLegs key={entry.fitid} entry={entry} />
        ))}
        {frame === null || event === null ? null : <BrokerMessage id={event.id} />}
      </div>
    </li>
  );
}

function EntryLegs({ entry }: { readonly entry: Entry }): ReactElement {
  const { legs: heads, entry: label } = texts.life;
  return (
    <div className="scroll-x" tabIndex={0} role="region" aria-label={`${label} ${entry.description}`}>
      <table className="plain-table">
        <thead>
          <tr>
            <th scope="col">
              <Figure figure="entry" ask={entry.fitid} subject={entry.description}>
                {label}
              </Figure>
            </th>
            <th scope="col" className="right">
              {heads.debit}
            </th>
            <th scope="col" className="right">
              {heads.credit}
            </th>
          </tr>
        </thead>
        <tbody>
          {entry.legs.map(({ account, name, debit, credit }, line) => (
            <tr key={line}>
              <td>
                <span className="num">{account}</span> {name}
              </td>
              {(
                [
                  ['entry.debit', debit],
                  ['entry.credit', credit],
                ] as const
              ).map(([head, amount]) => (
                <td key={head} className="right">
                  {/[1-9]/.test(amount) ? (
                    <Figure figure={head} ask={`${entry.fitid}:${line + 1}`} subject={`${account} ${name}`}>
                      <Money amount={amount} />
                    </Figure>
                  ) : null}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
