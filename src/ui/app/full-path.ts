import { rootRouteId, useMatches } from '@tanstack/react-router';

/** Given by `useFullPath` for an address that no page has. */
export const NO_PAGE = 'no page';

/** The address of the table of pages that matches; '' while the router looks. */
export function useFullPath(): string {
  const matches: readonly { readonly fullPath: string; readonly routeId: string }[] = useMatches();
  const last = matches.at(-1);
  // The root has the address of the first page, and matches every address.
  return last?.routeId === rootRouteId ? NO_PAGE : (last?.fullPath ?? '');
}
