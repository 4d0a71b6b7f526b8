import { useInfiniteQuery } from '@tanstack/react-query';
import { bodyOf, type Answered } from './client.js';
import type { Problem } from './problem.js';
import type { LiveOn } from './query.js';

/** A page of a list as the server gives it. */
interface PageBody<Row> {
  readonly items: readonly Row[];
  readonly nextCursor: string | null;
}

/** The rows of a list so far, and what reads more of them; spread it into a DataTable. */
export interface Rows<Row, More = unknown> {
  readonly rows: readonly Row[] | undefined;
  /** The last page that was read, for what a list says besides its rows. */
  readonly last: (PageBody<Row> & More) | undefined;
  readonly error: Problem | null;
  readonly again: () => void;
  readonly more: { readonly has: boolean; readonly busy: boolean; readonly load: () => void };
}

interface Read<Row, More> {
  readonly rows: readonly Row[];
  readonly last: (PageBody<Row> & More) | undefined;
}

/** A list of the server, page by page: `usePages(['events', filter], (cursor, signal) => api.GET(...))`. */
export function usePages<Row, More = unknown>(
  key: readonly unknown[],
  call: (cursor: string | undefined, signal: AbortSignal) => Promise<Answered<PageBody<Row> & More>>,
  { live = [] }: { readonly live?: LiveOn } = {},
): Rows<Row, More> {
  const list = useInfiniteQuery<PageBody<Row> & More, Problem, Read<Row, More>, readonly unknown[], string | undefined>(
    {
      queryKey: key,
      queryFn: ({ pageParam, signal }) => bodyOf(call(pageParam, signal)),
      initialPageParam: undefined,
      getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
      select: ({ pages }) => ({ rows: pages.flatMap(({ items }) => items), last: pages.at(-1) }),
      meta: { live },
    },
  );
  return {
    rows: list.data?.rows,
    last: list.data?.last,
    error: list.error,
    again: () => void list.refetch(),
    more: { has: list.hasNextPage, busy: list.isFetchingNextPage, load: () => void list.fetchNextPage() },
  };
}
