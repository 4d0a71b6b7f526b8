/** How far the journal is verified, as the server answers: positions are opaque texts. */
export interface JournalState {
  readonly head: string | null;
  readonly count: number;
  readonly verified: { readonly position: string } | null;
}

/** Up to which position the chain was checked, and how many events came since; null where positions are no counts. */
export interface VerifiedUpTo {
  readonly position: string;
  readonly since: number | null;
}

/**
 * Of what is looked at, all of the journal or what was there at `asof`: how far it is verified. Null before the first
 * verification. Only a journal that numbers its events from 1 without a gap says by its positions how many came since.
 */
export function verifiedUpTo({ head, count, verified }: JournalState, asof: string | null): VerifiedUpTo | null {
  if (verified === null) return null;
  const end = numberOf(head);
  const reached = numberOf(verified.position);
  const shown = asof === null ? end : numberOf(asof);
  if (end === null || reached === null || shown === null || end !== count) {
    return { position: verified.position, since: null };
  }
  return { position: String(Math.min(reached, shown)), since: Math.max(0, Math.min(shown, end) - reached) };
}

function numberOf(position: string | null): number | null {
  return position !== null && /^\d{1,16}$/.test(position) ? Number(position) : null;
}
