import { Link } from '@tanstack/react-router';
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
      onClick={() => setParams({ explain: id, figure: '' }, { replace: false })}
    >
      {type ?? id.slice(0, 8)}
    </button>
  );
}

/** An event by its position; a click opens its page. */
export function EventPageLink({ position, type }: { readonly position: string; readonly type: string }): ReactElement {
  return (
    <Link className="event-link" to="/events/$position" params={{ position }} search={{}}>
      {type}
    </Link>
  );
}
