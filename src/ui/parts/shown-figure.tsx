import type { ReactElement } from 'react';
import { isDecimal, percent, signOf } from '../lib/format.js';
import type { Shape } from './figures.js';
import { Delta, Money, Quantity } from './money.js';

/** A value in the shape of its figure; a value that is no number is shown as it is. */
export function ShownFigure({ as, value }: { readonly as: Shape; readonly value: string }): ReactElement {
  if (as === 'text' || !isDecimal(value)) return <span>{value}</span>;
  const size = value.replace('-', '');
  switch (as) {
    case 'dollars':
      return <Money amount={value} />;
    case 'size':
      return <Money amount={size} />;
    case 'loss':
      return <Money amount={signOf(value) === 'down' ? size : '0.00'} />;
    case 'change':
      return <Delta amount={value} />;
    case 'cost':
      return <Delta amount={value === size && signOf(value) !== 'flat' ? `-${value}` : size} />;
    case 'difference':
      return <Delta amount={value} unit="plain" />;
    case 'share':
      return <span className="num">{percent(value)}</span>;
    case 'shares':
      return <Quantity value={size} />;
    case 'plain':
      return <Quantity value={value} />;
  }
}
