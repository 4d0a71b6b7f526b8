import { dollars, grouped, signOf } from '../lib/format.js';

/** Exact dollars in tabular figures; null shows that there is no amount yet, never a zero. */
export function Money({ amount }: { readonly amount: string | null | undefined }): React.ReactElement {
  if (amount === null || amount === undefined) return <NoValue />;
  return <span className="num amount">{dollars(amount)}</span>;
}

/** An exact quantity or price in tabular figures. */
export function Quantity({ value }: { readonly value: string | null | undefined }): React.ReactElement {
  if (value === null || value === undefined) return <NoValue />;
  return <span className="num amount">{grouped(value)}</span>;
}

const MARKS = { up: '\u25B2', down: '\u25BC' } as const;

/** A gain or loss: a sign and a mark say which, and colour only repeats it. */
export function Delta({
  amount,
  unit = 'dollars',
}: {
  readonly amount: string | null | undefined;
  readonly unit?: 'dollars' | 'plain';
}): React.ReactElement {
  if (amount === null || amount === undefined) return <NoValue />;
  const side = signOf(amount);
  const shown = unit === 'dollars' ? dollars(amount) : grouped(amount);
  return (
    <span className={`num amount delta delta-${side}`}>
      {side === 'flat' ? null : (
        <span className="delta-mark" aria-hidden="true">
          {MARKS[side]}
        </span>
      )}
      {side === 'up' ? `+${shown}` : shown}
    </span>
  );
}

/** Nothing is known yet. */
export function NoValue({ why = 'not known yet' }: { readonly why?: string }): React.ReactElement {
  return (
    <span className="none" title={why}>
      <span aria-hidden="true">{'\u2013'}</span>
      <span className="sr-only">{why}</span>
    </span>
  );
}
