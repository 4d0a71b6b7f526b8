import { Button, NativeSelect, TextInput } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState, type ReactElement } from 'react';
import { api, send } from '../../api/client.js';
import { queries, useApi } from '../../api/query.js';
import { useConditions, useStatus } from '../../api/status.js';
import { useMay } from '../../app/session.js';
import { capital } from '../../lib/format.js';
import { useAsOf } from '../../lib/url.js';
import { Card, Facts } from '../../parts/card.js';
import { Figure } from '../../parts/figure.js';
import { FIGURES } from '../../parts/figures.js';
import { FormBody, useServerForm } from '../../parts/form.js';
import { parts } from '../../parts/messages.js';
import { Delta, Money, Quantity } from '../../parts/money.js';
import { Notice, State } from '../../parts/state.js';
import { Age, Time } from '../../parts/time.js';
import { effectOf, requestOf, type Mismatch, type Resolution } from './effect.js';
import styles from './inbox.module.css';
import { inbox as texts } from './messages.js';

/** Findings of the status that are about books, orders or files, besides the differences that have a card of their own. */
const FINDINGS = /^(ACTIVITIES|ORDER|LEFT|PROJECTION|FACT|REFUSED|FOREIGN|RECONCIL|FLOAT|EVIDENCE|SEALS)/;

/** What does not agree yet or is not known: each with its age, who resolves it, and what resolving does. */
export default function InboxPage(): ReactElement {
  const past = useAsOf() !== null;
  return (
    <div className="cards">
      {past ? <Notice icon="clock" title={texts.past} /> : null}
      <Mismatches />
      <UnknownOrders />
      <Findings />
    </div>
  );
}

function Mismatches(): ReactElement {
  const answer = useApi(['mismatches'], (signal) => api.GET('/api/mismatches', { signal }), {
    live: ['BooksCompared', 'BooksMismatchFound', 'BooksMismatchResolved'],
  });
  const [done, setDone] = useState('');
  return (
    <Card title={texts.mismatches}>
      {done === '' ? null : (
        <Notice icon="check" title={done}>
          {texts.effects.proof}
        </Notice>
      )}
      <State of={answer} lines={6}>
        {({ mismatches, comparedAt, unknownSince }) => (
          <>
            <p className="dim">
              {comparedAt === null ? (
                texts.neverCompared
              ) : (
                <>
                  {texts.comparedAt} <Time at={comparedAt} />
                </>
              )}
              {unknownSince === null ? null : (
                <span className="needs-person">
                  {' '}
                  {texts.unknownSince} <Time at={unknownSince} />
                </span>
              )}
            </p>
            {mismatches.length === 0 && comparedAt !== null ? <p>{texts.none}</p> : null}
            <ul className={styles['list']}>
              {mismatches.map((one) => (
                <Difference key={one.mismatchId} of={one} done={setDone} />
              ))}
            </ul>
          </>
        )}
      </State>
    </Card>
  );
}

function Difference({ of, done }: { readonly of: Mismatch; readonly done: (text: string) => void }): ReactElement {
  const may = useMay('adjusting-entries');
  const past = useAsOf() !== null;
  const [open, setOpen] = useState(false);
  const shown = (value: string): ReactElement =>
    of.subject === 'cash' ? <Money amount={value} /> : <Quantity value={value} />;
  const kind = of.subject === 'cash' ? 'mismatch.cash' : 'mismatch';
  const figure = (part: 'books' | 'broker' | 'difference', value: ReactElement) => ({
    name: FIGURES[`${kind}.${part}`].name,
    value: (
      <Figure figure={`${kind}.${part}`} ask={of.mismatchId}>
        {value}
      </Figure>
    ),
  });
  return (
    <li className={styles['item']}>
      <p>
        <strong>{of.mismatchId}</strong> {capital(of.text)}.
      </p>
      <p className="dim">
        {texts.since} <Age at={of.foundAt} />. {texts.owner}
      </p>
      <Facts
        rows={[
          figure('books', shown(of.books)),
          figure('broker', shown(of.broker)),
          figure('difference', <Delta amount={of.difference} unit={of.subject === 'cash' ? 'dollars' : 'plain'} />),
        ]}
      />
      {!may ? (
        <p className="dim">{texts.otherResolves}</p>
      ) : past ? null : open ? (
        <Resolve of={of} close={() => setOpen(false)} done={done} />
      ) : (
        <Button size="compact-sm" variant="default" onClick={() => setOpen(true)}>
          {texts.resolve}
        </Button>
      )}
    </li>
  );
}

function Resolve({
  of,
  close,
  done,
}: {
  readonly of: Mismatch;
  readonly close: () => void;
  readonly done: (text: string) => void;
}): ReactElement {
  const { form: names } = texts;
  const values: Resolution = { take: 'broker', price: '', against: '', entryId: '', until: '', reason: '' };
  const state = useServerForm<Resolution>({
    values,
    send: async (typed) => {
      const { entryId } = await send(() => api.POST('/api/mismatches/resolve', { body: requestOf(of, typed) }));
      done(texts.resolved(of.mismatchId, entryId));
    },
    done: () => {
      close();
      void queries.invalidateQueries({ queryKey: ['mismatches'] });
    },
  });
  const { form } = state;
  const typed = form.getValues();
  const text = (name: 'price' | 'against' | 'entryId' | 'until', label: string, help: string): ReactElement => (
    <TextInput label={label} description={help} autoComplete="off" {...form.getInputProps(name)} />
  );
  return (
    <FormBody of={state} label={texts.resolve} cancel={close} sent={parts.sentToBooks}>
      <NativeSelect
        label={names.take}
        data={Object.entries(names.takes)
          .filter(([value]) => value !== 'split' || of.subject === 'position')
          .map(([value, label]) => ({ value, label }))}
        {...form.getInputProps('take')}
      />
      {typed.take === 'broker' && of.subject !== 'cash' ? text('price', names.price, names.priceHelp) : null}
      {typed.take === 'broker' ? text('against', names.against, names.againstHelp) : null}
      {typed.take === 'books' ? text('until', names.until, names.untilHelp) : null}
      {typed.take === 'entry' ? text('entryId', names.entryId, names.entryHelp) : null}
      <TextInput
        label={names.reason}
        description={names.reasonHelp}
        maxLength={300}
        autoComplete="off"
        {...form.getInputProps('reason')}
      />
      <div className={styles['effect']} role="status">
        <h3>{texts.effect}</h3>
        {effectOf(of, typed).map((line) => (
          <p key={line}>{line}</p>
        ))}
      </div>
    </FormBody>
  );
}

function UnknownOrders(): ReactElement {
  const status = useStatus();
  return (
    <Card title={texts.orders}>
      <State of={status} lines={2}>
        {({ unresolved_orders: ids }) =>
          ids.length === 0 ? (
            <p>{texts.noOrders}</p>
          ) : (
            <>
              <p className="dim">{texts.ordersWhy}</p>
              <ul className={styles['list']}>
                {ids.map((id) => (
                  <li key={id}>
                    <Link to="/orders/$id" params={{ id }}>
                      {id}
                    </Link>
                  </li>
                ))}
              </ul>
            </>
          )
        }
      </State>
    </Card>
  );
}

function Findings(): ReactElement {
  const answer = useConditions();
  return (
    <Card title={texts.findings}>
      <State of={answer} lines={2}>
        {({ conditions }) => {
          const found = conditions.filter(({ code }) => FINDINGS.test(code));
          if (found.length === 0) return <p>{texts.findingsNone}</p>;
          return (
            <div className="cards">
              {found.map(({ code, severity, text, remedy }) => (
                <Notice key={code + text} icon="alert" title={text} tone={severity === 'Critical' ? 'bad' : 'warn'}>
                  {remedy}
                </Notice>
              ))}
            </div>
          );
        }}
      </State>
    </Card>
  );
}
