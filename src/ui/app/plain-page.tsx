import { useEffect, type ReactElement } from 'react';
import type { PageEntry } from '../pages/table.js';
import { Loading } from '../parts/state.js';

/** An entry without a page of its own yet leads to the plain one. */
export function PlainPage({ page }: { readonly page: PageEntry }): ReactElement {
  useEffect(() => {
    if (page.plain !== undefined) location.replace(page.plain);
  }, [page]);
  return <Loading />;
}
