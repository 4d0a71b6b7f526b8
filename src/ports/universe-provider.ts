import type { UniverseRow } from '../domain/universe/enrich.js';
import type { Observation, ProviderName, Provenance } from '../domain/universe/observation.js';
import type { DateText } from '../kernel/time.js';

/** The stages of a build: which symbols there are, what they cost, and what else is known of them. */
export const STAGES = ['listing', 'prices', 'figures'] as const;
export type Stage = (typeof STAGES)[number];

/** What a provider answers: its whole text, or that it has nothing of this and will not have it. */
export type ProviderAnswer =
  | { readonly kind: 'text'; readonly text: string }
  /** NOT_IN_PLAN holds for every request to the same endpoint. */
  | { readonly kind: 'none'; readonly why: 'NOT_FOUND' | 'NOT_IN_PLAN' };

/** Calls that a provider allows. */
export interface Quota {
  readonly perMinute: number;
  readonly perSecond: number;
}

/**
 * A source of the universe (TRD-10). It fetches and reads; it keeps nothing, waits for nothing and repeats nothing. A path
 * has no host and no key: it is recorded, and names the request in every build.
 */
export interface UniverseProvider {
  readonly name: ProviderName;
  readonly quota: Quota;
  /** The first requests of a stage; `next` gives further pages. */
  requests(stage: Stage, rows: readonly UniverseRow[], date: DateText): readonly string[];
  next(path: string, text: string): string | undefined;
  /** The part of a path that a plan allows or refuses as a whole. */
  endpointOf(path: string): string;
  /** Days for which an answer stays good: 0 asks in each build. */
  keepsDays(path: string): number;
  /** Throws PROVIDER_ANSWER for a text that is no answer to the request. */
  read(path: string, text: string, provenance: Provenance): readonly Observation[];
  /**
   * Throws NetworkError `retry` (with `pauseMs` in its details when the provider says how long), and errors with `refuse` for
   * what no repetition changes: a wrong key, a missing contact.
   */
  fetch(path: string): Promise<ProviderAnswer>;
}

/** What a provider may be used for, as the admin decides. */
export interface ProviderUse {
  /** Lists symbols and their prices. */
  readonly universe: boolean;
  /** Adds figures to symbols that others list. */
  readonly enrichment: boolean;
}

/** A provider that the admin enabled. */
export interface EnabledProvider {
  readonly provider: UniverseProvider;
  readonly use: ProviderUse;
}
