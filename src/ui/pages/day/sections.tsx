import type { ReactElement } from 'react';
import type { components } from '../../generated/api.js';
import { shortPosition } from '../../lib/format.js';
import { Card, Facts, Pill } from '../../parts/card.js';
import { EventLink } from '../../parts/event-link.js';
import { Figure } from '../../parts/figure.js';
import { Delta, Money, NoValue } from '../../parts/money.js';
import { Time } from '../../parts/time.js';
import styles from './day.module.css';
import { day as texts } from './messages.js';
import { countIn, type DaySummary } from './summary.js';

type Of = { readonly date: string; readonly of: DaySummary };

/** Whether the sources agree, and how many orders, risk triggers and errors there were. */
export function Checks({ of: summary }: Of): ReactElement {
  const { reconciliation, checks, orders, errors, risk_triggers: triggers } = summary;
  const verdict = (ok: boolean | null): ReactElement => {
    if (ok === null) return <NoValue why={texts.notComparable} />;
    return ok ? <Pill>{texts.yes}</Pill> : <Pill tone="bad">{texts.no}</Pill>;
  };
  const counts: readonly (readonly [string, number])[] = [
    ...Object.entries(texts.orderNames).map(([field, name]) => [name, orders[field] ?? 0] as const),
    [texts.riskTriggers, countIn(triggers) ?? 0],
    [texts.errors, countIn(errors) ?? 0],
  ];
  return (
    <Card title={texts.reconciliation}>
      <p>
        {reconciliation === null ? (
          texts.notReconciled
        ) : reconciliation.ok ? (
          texts.agrees
        ) : (
          <span className="needs-person">{texts.differs(reconciliation.mismatches)}</span>
        )}
      </p>
      <Facts
        rows={[
          ...Object.entries(texts.checks).map(([field, name]) => ({ name, value: verdict(checks[field] ?? null) })),
          ...counts.map(([name, count]) => ({ name, value: <span className="num">{count}</span> })),
        ]}
      />
    </Card>
  );
}

/** Signals, trades and results of each strategy. */
export function Strategies({ date, of: { strategies } }: Of): ReactElement {
  const { strategyHeads: heads } = texts;
  return (
    <Card title={texts.strategies}>
      <div className="scroll-x" tabIndex={0} role="region" aria-label={texts.strategies}>
        <table className="plain-table">
          <thead>
            <tr>
              {Object.entries(heads).map(([key, head]) => (
                <th key={key} scope="col" className={key === 'name' ? undefined : 'right'}>
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {Object.entries(strategies).map(([name, one]) => (
              <tr key={name}>
                <td>{name}</td>
                <td className="right num">{one.signals}</td>
                <td className="right num">{one.blocked}</td>
                <td className="right num">{one.trades}</td>
                {(
                  [
                    ['day.gross', 'gross', <Delta amount={one.gross_pnl} />],
                    ['trades.fees', 'charges', <Money amount={one.fees} />],
                    ['day.net', 'pnl', <Delta amount={one.PnL} />],
                  ] as const
                ).map(([figure, what, shown]) => (
                  <td key={what} className="right">
                    <Figure figure={figure} ask={`${what}:${date}/${name}`}>
                      {shown}
                    </Figure>
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  );
}

/** Digest of the summary, and the seal that covers the day. */
export function Proof({ of: { sha256, seal } }: { readonly of: components['schemas']['DayAnswer'] }): ReactElement {
  const { proofRows: names } = texts;
  const code = (text: string): ReactElement => <code className={styles['hash']}>{text}</code>;
  const rows: readonly (readonly [string, ReactElement])[] = [
    [names.sha256, code(sha256)],
    ...(seal === null
      ? []
      : ([
          [names.position, <EventLink id={seal.eventId} type={shortPosition(seal.position)} />],
          [names.sealedAt, <Time at={seal.sealedAt} />],
          [names.hash, code(seal.hash)],
          [names.merkle, code(seal.merkleRoot)],
        ] as const)),
  ];
  return (
    <Card title={texts.proof}>
      <dl className={styles['proof']}>
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {seal === null ? <p className="dim">{texts.noSeal}</p> : null}
    </Card>
  );
}
