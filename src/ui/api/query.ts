import {
  keepPreviousData,
  QueryClient,
  useMutation,
  useQuery,
  type QueryFilters,
  type UseMutationResult,
  type UseQueryResult,
} from '@tanstack/react-query';
import { Asking } from './asking.js';
import { bodyOf, isLoggedOut, send, type Answered } from './client.js';
import type { Problem } from './problem.js';

/** Which live events make a query ask again: names of events, or every event. */
export type LiveOn = 'every event' | readonly string[];

/** How a query behaves beyond its call. */
export interface ApiOptions {
  readonly live?: LiveOn;
  /** Asked again after so many milliseconds while the page is visible, for what no event reports. */
  readonly pollMs?: number;
  readonly enabled?: boolean;
  /** Shows the last answer while the next page of a list is read. */
  readonly keepPrevious?: boolean;
}

const MOST_TRIES = 2;

/** Answers of the server; kept while the page is open. */
export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      retry: (failures, error) => failures < MOST_TRIES && isTransient(error),
      retryDelay: 500,
      staleTime: 1_000,
      refetchOnWindowFocus: true,
      // A bot on this machine answers without a network, and a change is refused at once rather than sent later.
      networkMode: 'always',
    },
    mutations: { retry: false, networkMode: 'always' },
  },
});

const asking = new Asking(queries);

/** Asks again for answers that something happened to, such as `askAgain({ queryKey: ['events'] })`. */
export function askAgain(filters: QueryFilters): void {
  asking.again(filters);
}

/**
 * An answer of the server, asked again when one of its live events happens:
 * `useApi(['control'], (signal) => api.GET('/api/control', { signal }), { live: 'every event' })`.
 */
export function useApi<Body>(
  key: readonly unknown[],
  call: (signal: AbortSignal) => Promise<Answered<Body>>,
  { live = [], pollMs, enabled = true, keepPrevious = false }: ApiOptions = {},
): UseQueryResult<Body, Problem> {
  return useQuery<Body, Problem, Body>({
    queryKey: key,
    queryFn: ({ signal }) => answered(bodyOf(call(signal)), key),
    meta: { live },
    enabled,
    ...(pollMs === undefined
      ? {}
      : { refetchInterval: ({ state }) => (state.error !== null && isLoggedOut(state.error) ? false : pollMs) }),
    ...(keepPrevious ? { placeholderData: keepPreviousData } : {}),
  });
}

/** A change: `useChange((input) => api.POST(...), { refresh: [['control']] })`; what it touches is asked again. */
export function useChange<Input, Body>(
  call: (input: Input) => Promise<Answered<Body>>,
  { refresh = [] }: { readonly refresh?: readonly (readonly unknown[])[] } = {},
): UseMutationResult<Body, Problem, Input> {
  return useMutation<Body, Problem, Input>({
    mutationFn: (input) => send(() => call(input)),
    onSettled: async () => {
      await Promise.all(refresh.map((queryKey) => queries.invalidateQueries({ queryKey: [...queryKey] })));
    },
  });
}

/** The query of who is logged in. */
const WHO = 'session';

/** Whatever is asked first after the end of a session makes the app look who is logged in. */
async function answered<Body>(body: Promise<Body>, [name]: readonly unknown[]): Promise<Body> {
  try {
    return await body;
  } catch (error) {
    if (name !== WHO && isLoggedOut(error as Problem)) void queries.invalidateQueries({ queryKey: [WHO] });
    throw error;
  }
}

/** The server is away or busy for a moment; a refusal stays one, and a long wait is not repeated. */
function isTransient(error: unknown): boolean {
  const { status, code } = error as Partial<Problem>;
  if (code === 'NO_ANSWER') return false;
  return status === 0 || status === 502 || status === 503;
}
