/**
 * A one-time token that a link brought behind the #, which a browser never sends; '' without one. It is taken out of the
 * address, so that no history keeps it.
 */
export function tokenOfAddress(): string {
  const brought = new URLSearchParams(location.hash.slice(1)).get('token') ?? '';
  if (brought !== '') history.replaceState(history.state, '', location.pathname + location.search);
  return brought;
}
