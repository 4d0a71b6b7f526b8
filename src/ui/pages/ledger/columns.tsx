import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { capital, words } from '../../lib/format.js';
import { useSetParams } from '../../lib/url.js';
import { Pill } from '../../parts/card.js';
import type { Column } from '../../parts/data-table.js';
import { Figure } from '../../parts/figure.js';
import { Icon } from '../../parts/icon.js';
import { Delta, Money } from '../../parts/money.js';
import { Time } from '../../parts/time.js';
import styles from './ledger.module.css';
import type { Line } from './lines.js';
import { ledger as texts } from './messages.js';

const { columns: heads } = texts;

/** "Short sale" of SELLSHORT: the types of the books in words. */
export const TYPE_NAMES: Readonly<Record<string, string>> = {
  OPENING: 'Opening',
  BUY: 'Buy',
  SELL: 'Sell',
  SELLSHORT: 'Short sale',
  BUYTOCOVER: 'Buy to cover',
  FLOATIN: 'Float in',
  FLOATOUT: 'Float out',
  DEPOSIT: 'Deposit',
  WITHDRAWAL: 'Withdrawal',
  DIVIDEND: 'Dividend',
  INTEREST: 'Interest',
  FEE: 'Fee',
  SPLIT: 'Split',
  ADJUSTMENT: 'Adjustment',
};

/** Which legs are in sight. */
export type LegsShown = 'none' | 'some' | 'all';

/**
 * The columns; `toggle` opens and closes an entry. Debit and credit come with the legs; a phone has one column of amounts.
 * With all legs in sight the charges stand there.
 */
export function columnsOf(toggle: (fitid: string) => void, legs: LegsShown): readonly Column<Line>[] {
  return [
    {
      ...{ key: 'at', head: heads.at, wide: true },
      cell: (line) => (line.kind === 'entry' ? <Time at={line.entry.at} /> : null),
    },
    { key: 'entry', head: heads.entry, cell: (line) => <Subject line={line} toggle={toggle} /> },
    ...(legs === 'none' ? [] : [DEBIT, CREDIT]),
    ...(legs === 'all' ? [] : [CHARGES]),
    {
      ...{ key: 'cash', head: heads.cash, right: true },
      cell: (line) =>
        line.kind === 'entry' ? (
          <Figure figure="entry.cash" ask={line.entry.fitid} subject={line.entry.description}>
            <Delta amount={line.entry.amount} />
          </Figure>
        ) : (
          <span className="to-tablet dim">
            <LegAmount line={line} side="debit" mark={texts.debit} />
            <LegAmount line={line} side="credit" mark={texts.credit} />
          </span>
        ),
    },
  ];
}

const legColumn = (side: 'debit' | 'credit'): Column<Line> => ({
  ...{ key: side, head: heads[side], right: true, wide: true },
  cell: (line) => (line.kind === 'leg' ? <LegAmount line={line} side={side} /> : null),
});
const DEBIT = legColumn('debit');
const CREDIT = legColumn('credit');

const CHARGES: Column<Line> = {
  ...{ key: 'charges', head: heads.charges, right: true, wide: true },
  cell: (line) =>
    line.kind === 'entry' && /[1-9]/.test(line.entry.charges) ? (
      <Figure figure="entry.charges" ask={line.entry.fitid} subject={line.entry.description}>
        <Money amount={line.entry.charges} />
      </Figure>
    ) : null,
};

function Subject({ line, toggle }: { readonly line: Line; readonly toggle: (fitid: string) => void }): ReactElement {
  const setParams = useSetParams();
  if (line.kind === 'leg') {
    const { account, name, quantity } = line.leg;
    return (
      <span className={styles['leg']}>
        <button type="button" className="event-link num" onClick={() => setParams({ account }, { replace: false })}>
          {account}
        </button>{' '}
        {name}
        {quantity === null ? null : <span className="dim num"> {quantity}</span>}
      </span>
    );
  }
  const { fitid, type, description, strategy, clientOrderId, reverses } = line.entry;
  return (
    <span className={styles['subject']}>
      <button type="button" className={styles['toggle']} aria-expanded={line.open} onClick={() => toggle(fitid)}>
        <span className={line.open ? styles['opened'] : styles['closed']}>
          <Icon name="chevron" size={14} />
        </span>
        <span className={styles['day']}>{line.entry.at.slice(5, 10)}</span>
        {description === '' ? (TYPE_NAMES[type] ?? capital(words(type.toLowerCase()))) : description}
      </button>
      {reverses ? <Pill>{texts.reverses}</Pill> : null}
      {strategy === null ? null : <span className={`dim ${styles['strategy'] ?? ''}`}>{strategy}</span>}
      {clientOrderId === null ? null : (
        <Link
          className={`from-tablet ${styles['link'] ?? ''}`}
          to="/orders/$id"
          params={{ id: clientOrderId }}
          title={clientOrderId}
        >
          {texts.order}
        </Link>
      )}
    </span>
  );
}

function LegAmount({
  line,
  side,
  mark = '',
}: {
  readonly line: Extract<Line, { readonly kind: 'leg' }>;
  readonly side: 'debit' | 'credit';
  /** Before the amount, where no column names the side. */
  readonly mark?: string;
}): ReactElement | null {
  const amount = line.leg[side];
  if (amount === null) return null;
  return (
    <Figure figure={`entry.${side}`} ask={line.key} subject={`${line.leg.account} ${line.leg.name}`}>
      {mark} <Money amount={amount} />
    </Figure>
  );
}
