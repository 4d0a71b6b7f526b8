import { useMatches } from '@tanstack/react-router';

/** The address of the table of pages that matches; '' while none does. */
export function useFullPath(): string {
  const matches: readonly { readonly fullPath: string }[] = useMatches();
  return matches.at(-1)?.fullPath ?? '';
}
