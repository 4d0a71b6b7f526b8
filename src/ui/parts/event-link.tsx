import type { ReactElement } from 'react';
import { useSetParams } from '../lib/url.js';

/** An event by its id; a click explains it. */
export function EventLink({ id, type }: { readonly id: string; readonly type?: string }): ReactElement {
  const setParams = useSetParams();
  return (
    <button
      type="button"
      className="event-link"
      title={id}
      onClick={() => setParams({ explain: id }, { replace: false })}
    >
      {type ?? id.slice(0, 8)}
    </button>
  );
}
