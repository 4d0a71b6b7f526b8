import { useNavigate, useSearch } from '@tanstack/react-router';

/** What an address can carry after its `?`: texts only. `asof` is kept by every link. */
export type Search = Readonly<Record<string, string>>;

/** The parameters of the address. */
export function useParams(): Search {
  return useSearch({ strict: false });
}

/** The position of the journal that the whole app shows; null at the head. */
export function useAsOf(): string | null {
  return useParams()['asof'] ?? null;
}

/** Sets parameters of the address, and keeps the others; an empty text removes one. */
export function useSetParams(): (change: Search, how?: { readonly replace?: boolean }) => void {
  const navigate = useNavigate();
  return (change, { replace = true } = {}) => {
    void navigate({
      to: '.',
      replace,
      search: (before: Search) => without({ ...before, ...change }, change),
    } as Parameters<typeof navigate>[0]);
  };
}

/** The moment that the app shows stays on every link, until a link sets it to an empty text. */
export function withMoment(before: Search, after: Search): Search {
  const { asof = before['asof'] ?? '', ...others } = after;
  return asof === '' ? others : { ...others, asof };
}

/** Search parameters of an address, as texts. */
export function parseSearch(text: string): Search {
  return Object.fromEntries(new URLSearchParams(text));
}

/** The text of an address after its path. */
export function searchText(search: Readonly<Record<string, unknown>>): string {
  const given = Object.entries(search).filter(([, value]) => typeof value === 'string' && value !== '');
  const text = new URLSearchParams(given as [string, string][]).toString();
  return text === '' ? '' : `?${text}`;
}

/** Without empty texts; an empty `asof` stays, so that the moment is not kept. */
function without(search: Search, { asof }: Search): Search {
  const given = Object.entries(search).filter(([, value]) => value !== '');
  return { ...Object.fromEntries(given), ...(asof === '' ? { asof } : {}) };
}
