import type { ReactElement } from 'react';
import { api } from '../../api/client.js';
import { useApi } from '../../api/query.js';
import type { components } from '../../generated/api.js';
import { useAsOf, useSetParams } from '../../lib/url.js';
import { Card, Facts } from '../../parts/card.js';
import { Figure } from '../../parts/figure.js';
import { FIGURES } from '../../parts/figures.js';
import { Money } from '../../parts/money.js';
import { Empty, Notice, State } from '../../parts/state.js';
import styles from './ledger.module.css';
import { ledger as texts } from './messages.js';

/** The trial balance of the moment that is shown. */
export type BalancesBody = components['schemas']['BalancesAnswer'];

const SHOWN = [
  ['equity', 'equity'],
  ['cash', 'cash'],
  ['assets', 'assets'],
  ['liabilities', 'liabilities'],
  ['result', 'ledger.result'],
] as const;

/** The balances at the head, or at the position that the address names. */
export function useBalances() {
  const asof = useAsOf();
  return useApi(
    ['ledger-balances', asof],
    (signal) => api.GET('/api/ledger/balances', { signal, params: { query: asof === null ? {} : { asof } } }),
    asof === null ? { live: 'every event' } : {},
  );
}

/** Figures of the books above the accounts that make them; an account filters the entries. */
export function Balances({ of }: { readonly of: ReturnType<typeof useBalances> }): ReactElement {
  return (
    <Card title={texts.balances}>
      <State of={of} lines={10}>
        {(body) => (
          <>
            {body.balanced ? null : (
              <Notice icon="alert" title={texts.unbalanced} tone="bad">
                {texts.unbalancedRemedy}
              </Notice>
            )}
            {body.rows.length === 0 ? (
              <Empty title={texts.noBalances}>{texts.noBalancesWhy}</Empty>
            ) : (
              <Rows body={body} />
            )}
          </>
        )}
      </State>
    </Card>
  );
}

function Rows({ body }: { readonly body: BalancesBody }): ReactElement {
  const { account, debit, credit, total } = texts.balance;
  const setParams = useSetParams();
  return (
    <>
      <div className={styles['figures']}>
        <Facts
          rows={SHOWN.map(([field, figure]) => ({
            name: FIGURES[figure].name,
            value: (
              <Figure figure={figure} ask={field}>
                <Money amount={body.figures[field]} />
              </Figure>
            ),
          }))}
        />
      </div>
      <div className="scroll-x" tabIndex={0} role="region" aria-label={texts.balances}>
        <table className="plain-table">
          <thead>
            <tr>
              <th scope="col">{account}</th>
              <th scope="col" className="right">
                {debit}
              </th>
              <th scope="col" className="right">
                {credit}
              </th>
            </tr>
          </thead>
          <tbody>
            {body.rows.map((row) => (
              <tr key={row.code}>
                <td>
                  <button
                    type="button"
                    className="event-link num"
                    onClick={() => setParams({ account: row.code }, { replace: false })}
                  >
                    {row.code}
                  </button>{' '}
                  {row.name}
                </td>
                <Balance row={row} side="debit" />
                <Balance row={row} side="credit" />
              </tr>
            ))}
            <tr className={styles['total']}>
              <td>{total}</td>
              <td className="right">
                <Figure figure="ledger.debits" ask="debits">
                  <Money amount={body.debit} />
                </Figure>
              </td>
              <td className="right">
                <Figure figure="ledger.credits" ask="credits">
                  <Money amount={body.credit} />
                </Figure>
              </td>
            </tr>
          </tbody>
        </table>
      </div>
    </>
  );
}

function Balance({
  row,
  side,
}: {
  readonly row: BalancesBody['rows'][number];
  readonly side: 'debit' | 'credit';
}): ReactElement {
  const amount = row[side];
  return (
    <td className="right">
      {amount === null ? null : (
        <Figure figure={`ledger.${side}`} ask={`account:${row.code}`} subject={`${row.code} ${row.name}`}>
          <Money amount={amount} />
        </Figure>
      )}
    </td>
  );
}
