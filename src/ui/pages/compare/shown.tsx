import type { ReactElement } from 'react';
import { groupedIfNumber } from '../../lib/format.js';
import { Time } from '../../parts/time.js';

const AT_REST = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

/** A value of a status, a setting or an event: times and numbers as everywhere, the rest as it is. */
export function Shown({ value }: { readonly value: string }): ReactElement {
  if (AT_REST.test(value)) return <Time at={value} />;
  return <span className="num breaks">{groupedIfNumber(value)}</span>;
}
