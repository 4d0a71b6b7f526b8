import type { ReactElement } from 'react';
import { useMay } from '../../app/session.js';
import { AdjustmentCard } from './entries.js';
import { Tasks } from './tasks.js';

/** Adjusting entries, for who may book them, and tasks of the books with their outcomes. */
export default function BooksPage(): ReactElement {
  const mayAdjust = useMay('adjusting-entries');
  return (
    <div className="cards">
      {mayAdjust ? <AdjustmentCard /> : null}
      <Tasks />
    </div>
  );
}
