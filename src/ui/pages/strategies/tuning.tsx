import { Fragment, type ReactElement } from 'react';
import { api } from '../../api/client.js';
import { useApi } from '../../api/query.js';
import type { components } from '../../generated/api.js';
import { groupedIfNumber, percent } from '../../lib/format.js';
import { useParams } from '../../lib/url.js';
import { Card } from '../../parts/card.js';
import { DataTable, FilterBox, type Column } from '../../parts/data-table.js';
import { FilterStrategy } from '../../parts/filter-strategy.js';
import { Figure } from '../../parts/figure.js';
import { Delta, NoValue, Quantity } from '../../parts/money.js';
import { State } from '../../parts/state.js';
import { strategies as texts } from './messages.js';
import styles from './strategies.module.css';

type Row = components['schemas']['TuningRowAnswer'];

const { tuningColumns: heads } = texts;

const COLUMNS: readonly Column<Row>[] = [
  { key: 'strategy', head: heads.strategy, cell: ({ strategy }) => strategy },
  {
    key: 'setting',
    head: heads.setting,
    cell: ({ parameter }) => <Code text={parameter} />,
  },
  {
    key: 'value',
    head: heads.value,
    cell: ({ value }) => <Code text={groupedIfNumber(value)} />,
  },
  { key: 'sessions', head: heads.sessions, right: true, wide: true, cell: ({ sessions }) => sessions },
  { key: 'trades', head: heads.trades, right: true, wide: true, cell: ({ trades }) => trades },
  { key: 'rate', head: heads.rate, right: true, wide: true, cell: (row) => ofRow(row, 'winrate', row.winRate) },
  {
    ...{ key: 'average', head: heads.average, right: true, wide: true },
    cell: (row) => ofRow(row, 'average', row.averagePnl),
  },
  { key: 'pnl', head: heads.pnl, right: true, cell: (row) => ofRow(row, 'pnl', row.trades === 0 ? null : row.netPnl) },
  {
    ...{ key: 'minutes', head: heads.minutes, right: true, roomy: true },
    cell: (row) => ofRow(row, 'minutes', row.averageMinutes),
  },
  { key: 'blocked', head: heads.blocked, right: true, wide: true, cell: ({ blocked }) => blocked },
  { key: 'rejected', head: heads.rejected, right: true, wide: true, cell: ({ rejected }) => rejected },
  {
    ...{ key: 'tickers', head: heads.tickers, roomy: true },
    cell: ({ tickers }) => (
      <span className="text">{tickers.map(({ symbol, trades }) => `${symbol} ${trades}`).join(', ')}</span>
    ),
  },
];

/** A name or value of a setting, which may break between its words. */
function Code({ text }: { readonly text: string }): ReactElement {
  return (
    <code className={`breaks ${styles['code'] ?? ''}`}>
      {text.split(/(?<=[_/@])/).map((part, at) => (
        <Fragment key={at}>
          {at === 0 ? null : <wbr />}
          {part}
        </Fragment>
      ))}
    </code>
  );
}

const SHOWN = {
  winrate: { figure: 'trades.winRate', show: (value: string) => <span className="num">{percent(value)}</span> },
  average: { figure: 'tuning.average', show: (value: string) => <Delta amount={value} /> },
  pnl: { figure: 'tuning.pnl', show: (value: string) => <Delta amount={value} /> },
  minutes: { figure: 'tuning.minutes', show: (value: string) => <Quantity value={value} /> },
} as const;

function ofRow({ strategy, parameter, value }: Row, what: keyof typeof SHOWN, amount: string | null): ReactElement {
  if (amount === null) return <NoValue why="no trade" />;
  const { figure, show } = SHOWN[what];
  return (
    <Figure figure={figure} ask={`${what}:setting/${strategy}/${parameter}/${value}`}>
      {show(amount)}
    </Figure>
  );
}

function isOf({ strategy }: Row, wanted: string): boolean {
  return wanted === '' || strategy.toLowerCase() === wanted.toLowerCase();
}

/** What each value of a setting made; filtered in the address. */
export function Tuning(): ReactElement {
  const { strategy = '', setting = '' } = useParams();
  const found = useApi(['tuning'], (signal) => api.GET('/api/strategies/tuning', { signal }), {
    live: ['SessionClosed', 'PositionClosed'],
  });
  const has = (text: string, part: string): boolean => text.toLowerCase().includes(part.toLowerCase());
  return (
    <Card title={texts.tuning}>
      <p className="dim card-text">{texts.tuningWhy}</p>
      <div className="filters">
        <FilterStrategy />
        <FilterBox param="setting" label={texts.settingFilter} />
      </div>
      <State of={found} lines={6}>
        {({ rows }) => (
          <DataTable
            label={texts.tuning}
            columns={COLUMNS}
            rows={rows.filter((row) => isOf(row, strategy) && has(`${row.parameter} ${row.value}`, setting))}
            rowKey={(row) => `${row.strategy} ${row.parameter} ${row.value}`}
            empty={rows.length === 0 ? texts.noTuning : texts.noMatch}
          />
        )}
      </State>
    </Card>
  );
}
