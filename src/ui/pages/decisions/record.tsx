import { Button, NativeSelect } from '@mantine/core';
import type { ReactElement, ReactNode } from 'react';
import { api } from '../../api/client.js';
import { usePages } from '../../api/pages.js';
import { useApi } from '../../api/query.js';
import type { components } from '../../generated/api.js';
import { utcText } from '../../lib/format.js';
import { useAsOf, useParams, useSetParams } from '../../lib/url.js';
import { Card, Pill } from '../../parts/card.js';
import { DataTable, FilterBox, type Column } from '../../parts/data-table.js';
import { NoValue } from '../../parts/money.js';
import { Loading, ProblemNotice, State } from '../../parts/state.js';
import styles from './decisions.module.css';
import { decisions as texts } from './messages.js';
import { Rule } from './rule.js';
import { StepsPanel } from './steps.js';
import { endText, ruleText, stageText } from './text.js';

type Answer = components['schemas']['DecisionsAnswer'];
type Strategy = components['schemas']['StrategyDecisionAnswer'];
type Decision = components['schemas']['DecisionAnswer'];

const PAGE = 100;
/** What a decision record is made from, so that it follows a session that is open. */
const LIVE = [
  ...['SessionOpened', 'SessionClosed', 'StrategySkipped', 'StrategyStarted', 'StrategyFailed', 'StrategyEnded'],
  ...['CandidatesRanked', 'SignalTriggered', 'EnhancementBlocked', 'CandidateRejected', 'TradeBlocked'],
  ...['OrderRejected', 'OrderCancelled', 'OrderExpired', 'PositionOpened', 'PositionClosed'],
];

/** The decisions of one session: its strategies, the rules that ended symbols, and the symbols. */
export function Record({ date, choose }: { readonly date: string; readonly choose: ReactNode }): ReactElement {
  const query = useQueryOf(date);
  const whole = useApi(
    ['decisions', 'whole', query],
    (signal) => api.GET('/api/decisions', { signal, params: { query: { ...query, limit: 1 } } }),
    { live: LIVE, keepPrevious: true },
  );
  return (
    <>
      <Card title={texts.session(date)} aside={choose}>
        <State of={whole} lines={4}>
          {({ strategies }) => (
            <DataTable
              label={texts.session(date)}
              columns={STRATEGIES}
              rows={strategies}
              rowKey={({ strategy }) => strategy}
            />
          )}
        </State>
      </Card>
      {whole.data === undefined ? null : <Rules of={whole.data.rules} />}
      <Symbols query={query} strategies={whole.data?.strategies ?? []} />
      <StepsPanel date={date} />
    </>
  );
}

interface Query {
  readonly date: string;
  readonly symbol?: string;
  readonly strategy?: string;
  readonly asof?: string;
}

/** What the address asks for, without the rule: the counts of the rules are of all of them. */
function useQueryOf(date: string): Query {
  const { symbol = '', strategy = '' } = useParams();
  const asof = useAsOf();
  return {
    date,
    ...(symbol === '' ? {} : { symbol: symbol.toUpperCase() }),
    ...(strategy === '' ? {} : { strategy }),
    ...(asof === null ? {} : { asof }),
  };
}

const { strategy: heads, symbol: symbolHeads } = texts;

const STRATEGIES: readonly Column<Strategy>[] = [
  { key: 'name', head: heads.name, cell: ({ strategy }) => strategy },
  {
    ...{ key: 'outcome', head: heads.outcome },
    cell: ({ outcome, ended }) => {
      if (outcome === 'failed') return <Pill tone="bad">{outcome}</Pill>;
      return endText(ended) === texts.notStarted ? texts.waiting : outcome;
    },
  },
  { key: 'because', head: heads.because, cell: ({ ended }) => <Rule of={ended} stage={false} /> },
  { key: 'entries', head: heads.entries, wide: true, cell: (row) => <Entries of={row} /> },
];

function Entries({ of: { entries, ended } }: { readonly of: Strategy }): ReactElement {
  if (entries === null && endText(ended) === texts.notStarted) return <NoValue />;
  if (entries === null) return <span className="dim">{texts.noEntries}</span>;
  const { from, to } = entries as { readonly from: string; readonly to: string };
  return <span className="num">{`${utcText(from).slice(11)} ${texts.to} ${utcText(to).slice(11)}`}</span>;
}

/** The rules with the number of symbols that each ended; a click shows these symbols alone. */
function Rules({ of }: { readonly of: Answer['rules'] }): ReactElement | null {
  const { rule = '' } = useParams();
  const setParams = useSetParams();
  const most = of[0]?.symbols ?? 1;
  if (of.length === 0) return null;
  return (
    <Card
      title={texts.rules}
      aside={
        rule === '' ? undefined : (
          <Button size="compact-xs" variant="default" onClick={() => setParams({ rule: '' })}>
            {texts.allRules}
          </Button>
        )
      }
    >
      <p className="dim">{texts.rulesHelp}</p>
      <ul className={styles['rules']}>
        {of.map(({ stage, code, symbols }) => (
          <li key={`${stage} ${code}`}>
            <button
              type="button"
              className={styles['rule']}
              aria-pressed={rule === code}
              title={code}
              onClick={() => setParams({ rule: rule === code ? '' : code })}
            >
              <span className="num">{symbols}</span>
              <span className={styles['bar']} aria-hidden="true">
                <span style={{ width: `${Math.max(1, (100 * symbols) / most)}%` }} />
              </span>
              <span>
                <span className="dim">{stageText(stage)}:</span> {ruleText(code)}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Symbols({
  query,
  strategies,
}: {
  readonly query: Query;
  readonly strategies: readonly Strategy[];
}): ReactElement {
  const { rule = '', strategy = '' } = useParams();
  const setParams = useSetParams();
  const list = usePages<Decision>(
    ['decisions', 'symbols', query, rule],
    (cursor, signal) =>
      api.GET('/api/decisions', {
        signal,
        params: {
          query: {
            ...{ ...query, limit: PAGE },
            ...(rule === '' ? {} : { rule }),
            ...(cursor === undefined ? {} : { cursor }),
          },
        },
      }),
    { live: LIVE },
  );
  const names = [...new Set([...strategies.map((one) => one.strategy), ...(strategy === '' ? [] : [strategy])])];
  return (
    <Card title={texts.symbols}>
      <div className="filters">
        <FilterBox param="symbol" label={texts.filterSymbol} />
        <NativeSelect
          size="sm"
          aria-label={heads.name}
          data={[{ value: '', label: texts.all }, ...names.map((name) => ({ value: name, label: name }))]}
          value={strategy}
          onChange={({ currentTarget }) => setParams({ strategy: currentTarget.value })}
        />
      </div>
      {list.error === null ? null : <ProblemNotice problem={list.error} again={list.again} />}
      {list.rows === undefined ? (
        list.error === null ? (
          <Loading lines={10} />
        ) : null
      ) : (
        <DataTable
          label={texts.symbols}
          columns={SYMBOLS}
          rows={list.rows}
          rowKey={(row) => `${row.symbol} ${row.strategy}`}
          more={list.more}
          empty={texts.none}
        />
      )}
    </Card>
  );
}

const SYMBOLS: readonly Column<Decision>[] = [
  { key: 'symbol', head: symbolHeads.name, cell: (row) => <OpenSteps of={row} /> },
  { key: 'strategy', head: symbolHeads.strategy, cell: ({ strategy }) => strategy },
  {
    ...{ key: 'rank', head: symbolHeads.rank, right: true, wide: true },
    cell: ({ rank }) => rank ?? <span className="dim">{texts.notRanked}</span>,
  },
  {
    ...{ key: 'outcome', head: symbolHeads.outcome, wide: true },
    cell: ({ traded }) => (traded ? <Pill>{texts.traded}</Pill> : <span className="dim">{texts.notTraded}</span>),
  },
  {
    ...{ key: 'because', head: symbolHeads.because },
    cell: ({ ended }) => (
      <span className="text">
        <Rule of={ended} />
      </span>
    ),
  },
];

function OpenSteps({ of: { symbol, strategy } }: { readonly of: Decision }): ReactElement {
  const setParams = useSetParams();
  return (
    <button
      type="button"
      className="event-link"
      title={texts.open(symbol)}
      onClick={() => setParams({ of: `${symbol}/${strategy}` }, { replace: false })}
    >
      {symbol}
    </button>
  );
}
