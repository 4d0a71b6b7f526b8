import { Button, Switch } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useEffect, useMemo, useState, type ReactElement } from 'react';
import { useMay } from '../../app/session.js';
import { api } from '../../api/client.js';
import { usePages } from '../../api/pages.js';
import type { components } from '../../generated/api.js';
import { grouped } from '../../lib/format.js';
import { useAsOf, useParams, useSetParams } from '../../lib/url.js';
import { Card } from '../../parts/card.js';
import { DataTable, FilterBox } from '../../parts/data-table.js';
import { FilterStrategy } from '../../parts/filter-strategy.js';
import { FilterChoice, FilterDay } from '../../parts/filters.js';
import { NextSession } from '../../parts/next-session.js';
import { Empty, Loading, ProblemNotice } from '../../parts/state.js';
import { Balances, useBalances, type BalancesBody } from './balances.js';
import { columnsOf, TYPE_NAMES } from './columns.js';
import styles from './ledger.module.css';
import { linesOf, type Entry } from './lines.js';
import { ledger as texts } from './messages.js';

type Examined = Pick<components['schemas']['EntriesAnswer'], 'examined' | 'all'>;

const PAGE = 50;
/** A search continues by itself until it has this many rows, or has looked at so many entries. */
const ENOUGH = 20;
const MOST_BY_ITSELF = 2_000_000;
const POSTED = [
  ...['OrderFilled', 'OrderFillCorrected', 'OrderFillBusted', 'ForeignFillBooked', 'ForeignFillBusted'],
  ...['BrokerActivityImported', 'AdjustmentBooked', 'OpeningBalancesRecorded', 'SharesConverted'],
];
const FILTERS = ['text', 'symbol', 'strategy', 'account', 'type', 'from', 'to'] as const;

/** The books: entries with their legs, searched by the server, next to the balances that they make. */
export default function LedgerPage(): ReactElement {
  const balances = useBalances();
  return (
    <div className={styles['columns']}>
      <Entries accounts={balances.data?.rows ?? []} />
      <Balances of={balances} />
    </div>
  );
}

/** Filters, order and moment of the address, as the server takes them. */
function useAsked() {
  const params = useParams();
  const asof = useAsOf() ?? '';
  const { order = '' } = params;
  const filters = Object.fromEntries(FILTERS.map((name) => [name, params[name] ?? '']));
  const asked = {
    ...filters,
    symbol: (params['symbol'] ?? '').toUpperCase(),
    strategy: (params['strategy'] ?? '').toLowerCase(),
    order,
    asof,
  };
  const given = Object.entries(asked).filter(([, value]) => value !== '');
  return {
    key: Object.values(asked),
    query: Object.fromEntries(given),
    filtered: given.some(([name]) => name !== 'asof' && name !== 'order'),
    past: asof !== '',
  };
}

function useEntries() {
  const { key, query, filtered, past } = useAsked();
  const list = usePages<Entry, Examined>(
    ['ledger', ...key],
    (cursor, signal) =>
      api.GET('/api/ledger/entries', {
        signal,
        params: { query: { limit: PAGE, ...query, ...(cursor === undefined ? {} : { cursor }) } },
      }),
    past ? {} : { live: POSTED },
  );
  const { rows = [], more, last } = list;
  const goesOn = filtered && more.has && !more.busy && rows.length < ENOUGH && (last?.examined ?? 0) < MOST_BY_ITSELF;
  const { load } = more;
  useEffect(() => {
    if (goesOn) load();
  }, [goesOn, load]);
  return { ...list, filtered };
}

function Entries({ accounts }: { readonly accounts: BalancesBody['rows'] }): ReactElement {
  const may = useMay('exports');
  const list = useEntries();
  const { rows, error, again } = list;
  return (
    <Card
      title={texts.entries}
      aside={
        may ? (
          <Button component={Link} to="/exports" size="compact-xs" variant="default">
            {texts.export}
          </Button>
        ) : null
      }
    >
      <Filters accounts={accounts} />
      {error === null ? null : <ProblemNotice problem={error} again={again} />}
      {rows === undefined ? error === null ? <Loading lines={12} /> : null : <Table of={list} rows={rows} />}
    </Card>
  );
}

function Filters({ accounts }: { readonly accounts: BalancesBody['rows'] }): ReactElement {
  const { legs = '', account = '' } = useParams();
  const setParams = useSetParams();
  const { filters } = texts;
  const [shown, setShown] = useState(false);
  const known = accounts.map(({ code, name }) => ({ value: code, label: `${code} ${name}` }));
  const listed = account === '' || known.some(({ value }) => value === account);
  return (
    <>
      <div className={styles['more']}>
        <Button size="compact-sm" variant="default" aria-expanded={shown} onClick={() => setShown(!shown)}>
          {texts.filter}
        </Button>
      </div>
      <div className={`filters ${styles['filters'] ?? ''} ${shown ? '' : (styles['folded'] ?? '')}`}>
        <FilterBox param="text" label={filters.text} />
        <FilterBox param="symbol" label={filters.symbol} />
        <FilterStrategy />
        <FilterChoice
          param="account"
          label={filters.account}
          options={[
            { value: '', label: filters.allAccounts },
            ...(listed ? [] : [{ value: account, label: account }]),
            ...known,
          ]}
        />
        <FilterChoice
          param="type"
          label={filters.type}
          options={[
            { value: '', label: filters.allTypes },
            ...Object.entries(TYPE_NAMES).map(([value, label]) => ({ value, label })),
          ]}
        />
        <FilterDay param="from" label={filters.from} mark={filters.fromMark} />
        <FilterDay param="to" label={filters.to} mark={filters.toMark} />
        <FilterChoice
          param="order"
          label={filters.order}
          options={Object.entries(texts.orders).map(([value, label]) => ({ value, label }))}
        />
        <Switch
          label={texts.openAll}
          checked={legs !== ''}
          onChange={({ currentTarget }) => setParams({ legs: currentTarget.checked ? '1' : '' })}
        />
      </div>
    </>
  );
}

function Table({
  of,
  rows,
}: {
  readonly of: ReturnType<typeof useEntries>;
  readonly rows: readonly Entry[];
}): ReactElement {
  const { legs = '' } = useParams();
  /** Entries that differ from the switch: opened while all are closed, or the other way round. */
  const [turned, setTurned] = useState<ReadonlySet<string>>(new Set());
  useEffect(() => setTurned(new Set()), [legs]);
  const shown = legs !== '' ? 'all' : turned.size > 0 ? 'some' : 'none';
  const columns = useMemo(() => columnsOf((fitid) => setTurned((before) => withOther(before, fitid)), shown), [shown]);
  const lines = useMemo(() => linesOf(rows, (fitid) => turned.has(fitid) !== (legs !== '')), [rows, turned, legs]);
  const { more, last, filtered } = of;
  const progress =
    last === undefined || !filtered || !more.has || rows.length >= ENOUGH ? null : (
      <p className="dim" role="status">
        {texts.searching(grouped(String(last.examined)), grouped(String(last.all)))}
      </p>
    );
  if (rows.length === 0 && more.has) {
    return (
      <>
        {progress}
        {more.busy ? (
          <Loading lines={6} />
        ) : (
          <Button size="compact-sm" variant="default" onClick={more.load}>
            {texts.searchOn}
          </Button>
        )}
      </>
    );
  }
  return (
    <>
      {progress}
      <DataTable
        label={texts.entries}
        columns={columns}
        rows={lines}
        rowKey={({ key }) => key}
        more={more}
        empty={
          filtered ? (
            <Empty title={texts.noneFound} />
          ) : (
            <Empty title={texts.none}>
              {texts.noneWhy}
              <NextSession />
            </Empty>
          )
        }
      />
    </>
  );
}

function withOther(set: ReadonlySet<string>, key: string): ReadonlySet<string> {
  const changed = new Set(set);
  if (!changed.delete(key)) changed.add(key);
  return changed;
}
