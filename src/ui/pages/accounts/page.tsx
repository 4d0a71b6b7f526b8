import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { api } from '../../api/client.js';
import { useApi } from '../../api/query.js';
import type { components } from '../../generated/api.js';
import { words } from '../../lib/format.js';
import { useAsOf, useParams } from '../../lib/url.js';
import { Card, Pill } from '../../parts/card.js';
import { DataTable, FilterBox, type Column } from '../../parts/data-table.js';
import { EventLink } from '../../parts/event-link.js';
import { Figure } from '../../parts/figure.js';
import { Money } from '../../parts/money.js';
import { Empty, State } from '../../parts/state.js';
import { Time } from '../../parts/time.js';
import styles from './accounts.module.css';
import { accounts as texts } from './messages.js';

type Body = components['schemas']['ChartOfAccountsAnswer'];
type Account = Body['accounts'][number];
type Rule = Body['rules'][number];
type Version = Body['versions'][number];

/** The chart of accounts with balances, the rules that post to it, and who changed either when. */
export default function AccountsPage(): ReactElement {
  const asof = useAsOf();
  const { search = '' } = useParams();
  const answer = useApi(
    ['accounts', asof],
    (signal) => api.GET('/api/ledger/accounts', { signal, params: { query: asof === null ? {} : { asof } } }),
    asof === null ? { live: ['CoaChanged', 'CoaMappingChanged', 'OrderFilled', 'BrokerActivityImported'] } : {},
  );
  const has = (...parts: readonly string[]): boolean =>
    parts.some((part) => part.toLowerCase().includes(search.toLowerCase()));
  return (
    <State of={answer} lines={14}>
      {({ accounts, rules, versions }) =>
        accounts.length === 0 ? (
          <Empty title={texts.none}>{texts.noneWhy}</Empty>
        ) : (
          <div className="cards">
            <Card title={texts.chart}>
              <div className="filters">
                <FilterBox param="search" label={texts.filter} />
              </div>
              <Table
                label={texts.chart}
                columns={ACCOUNTS}
                rows={accounts.filter((one) => has(one.code, one.name))}
                of={keyOfAccount}
              />
            </Card>
            <Card title={texts.rules} aside={<span className="dim">{texts.rulesWhy}</span>}>
              <Table
                label={texts.rules}
                columns={RULES}
                rows={rules.filter((one) => has(one.event, one.purpose, one.debit, one.credit))}
                of={keyOfRule}
              />
            </Card>
            <Card title={texts.versions}>
              <Table label={texts.versions} columns={VERSIONS} rows={versions} of={({ eventId }) => eventId} />
            </Card>
          </div>
        )
      }
    </State>
  );
}

const keyOfAccount = ({ code }: Account): string => code;
const keyOfRule = ({ event, purpose, symbolPattern }: Rule): string => `${event} ${purpose} ${symbolPattern}`;

function Table<Row>({
  label,
  columns,
  rows,
  of,
}: {
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly of: (row: Row) => string;
}): ReactElement {
  const { search = '' } = useParams();
  return <DataTable label={label} columns={columns} rows={rows} rowKey={of} empty={texts.noMatch(search)} />;
}

const { columns: heads, ruleHeads, versionHeads } = texts;

const inLedger = (code: string): ReactElement => (
  <Link className={styles['link']} to="/ledger" search={{ account: code }}>
    <span className="num">{code}</span>
  </Link>
);

const ACCOUNTS: readonly Column<Account>[] = [
  {
    ...{ key: 'account', head: heads.account },
    cell: ({ code, name, parent }) =>
      parent === null ? (
        <strong>
          {inLedger(code)} {name}
        </strong>
      ) : (
        <span className={styles['child']}>
          {inLedger(code)} {name}
        </span>
      ),
  },
  { key: 'type', head: heads.type, wide: true, cell: ({ type }) => type },
  {
    key: 'state',
    head: heads.state,
    wide: true,
    cell: ({ active }) => (active ? null : <Pill>{texts.inactive}</Pill>),
  },
  {
    ...{ key: 'balance', head: heads.balance, right: true },
    cell: ({ code, name, balance }) =>
      balance === null ? null : (
        <Figure figure="account.balance" ask={`account:${code}`} subject={`${code} ${name}`}>
          <Money amount={balance} />
        </Figure>
      ),
  },
];

const RULES: readonly Column<Rule>[] = [
  { key: 'event', head: ruleHeads.event, cell: ({ event }) => words(event) },
  { key: 'purpose', head: ruleHeads.purpose, cell: ({ purpose }) => words(purpose) },
  {
    ...{ key: 'symbols', head: ruleHeads.symbols, wide: true },
    cell: ({ symbolPattern }) => (symbolPattern === '*' ? texts.allSymbols : symbolPattern),
  },
  { key: 'debit', head: ruleHeads.debit, cell: ({ debit }) => inLedger(debit) },
  { key: 'credit', head: ruleHeads.credit, cell: ({ credit }) => inLedger(credit) },
];

const VERSIONS: readonly Column<Version>[] = [
  { key: 'at', head: versionHeads.at, cell: ({ at }) => <Time at={at} /> },
  {
    ...{ key: 'what', head: versionHeads.what },
    cell: ({ changed, version, eventId }) => (
      <EventLink id={eventId} type={`${changed === 'chart' ? texts.what.chart : texts.what.mapping} ${version}`} />
    ),
  },
  { key: 'entries', head: versionHeads.entries, right: true, cell: ({ entries }) => entries },
  { key: 'by', head: versionHeads.by, wide: true, cell: ({ byName }) => byName },
  { key: 'reason', head: versionHeads.reason, wide: true, cell: ({ reason }) => reason },
];
