import type { ReactElement } from 'react';
import type { components } from '../../generated/api.js';
import { percent, signOf, words } from '../../lib/format.js';
import { Card } from '../../parts/card.js';
import { Figure } from '../../parts/figure.js';
import { Delta } from '../../parts/money.js';
import { barsOf } from './bars.js';
import { performance as texts } from './messages.js';
import styles from './performance.module.css';

type Row = components['schemas']['ResultsOfAnswer'];

/** Ways to split the closed positions, with what a question names a part of each by. */
const SCOPES: Readonly<Record<keyof typeof texts.by, string>> = {
  ...{ strategies: '', symbols: 'symbol/', hours: 'hour/', reasons: 'reason/' },
};

/** Results by one kind of key: each row has its bar, so the table is the chart. */
export function Results({
  by,
  rows,
}: {
  readonly by: keyof typeof texts.by;
  readonly rows: readonly Row[];
}): ReactElement {
  const { columns: heads } = texts;
  const { zero, bars } = barsOf(rows.map(({ net }) => net));
  return (
    <Card title={texts.by[by]}>
      <div className={`scroll-x ${styles['long'] ?? ''}`} tabIndex={0} role="region" aria-label={texts.by[by]}>
        <table className="plain-table">
          <thead>
            <tr>
              <th scope="col">{texts.keys[by]}</th>
              <th scope="col" className="right">
                {heads.net}
              </th>
              <td className={styles['bar']} aria-hidden="true" />
              <th scope="col" className="right">
                {heads.trades}
              </th>
              <th scope="col" className="right">
                {heads.wins}
              </th>
              <th scope="col" className="right from-tablet">
                {heads.average}
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ key, net, trades, winRate, average }, at) => (
              <tr key={key}>
                <td>{by === 'hours' ? `${key}:00` : words(key)}</td>
                <td className="right">
                  <Figure figure="trades.net" ask={`pnl:${SCOPES[by]}${key}`}>
                    <Delta amount={net} />
                  </Figure>
                </td>
                <td className={styles['bar']} aria-hidden="true">
                  <span
                    className={signOf(net) === 'down' ? styles['loss'] : styles['gain']}
                    style={{ left: `${bars[at]?.left ?? 0}%`, width: `${bars[at]?.width ?? 0}%` }}
                  />
                  <span className={styles['zero']} style={{ left: `${zero}%` }} />
                </td>
                <td className="right num">{trades}</td>
                <td className="right num">
                  <Figure figure="trades.winRate" ask={`winrate:${SCOPES[by]}${key}`}>
                    {percent(winRate)}
                  </Figure>
                </td>
                <td className="right from-tablet">
                  <Figure figure="trades.average" ask={`average:${SCOPES[by]}${key}`}>
                    <Delta amount={average} />
                  </Figure>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  );
}
