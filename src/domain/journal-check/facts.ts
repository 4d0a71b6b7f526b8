import type { Trouble } from './troubles.js';

/** What one address answered before any request: the troubles of the network, of TLS and of another product. */
export interface NodeFact {
  /** Host and port. */
  readonly at: string;
  /** Undefined when it speaks the protocol as the address says. */
  readonly trouble?: Trouble | undefined;
  readonly detail?: string | undefined;
}

/** How a request ended. */
export type CallFact =
  { readonly ok: true } | { readonly ok: false; readonly trouble: Trouble; readonly detail: string };

/** A node as the cluster itself describes it. */
export interface MemberFact {
  readonly at: string;
  readonly state: string;
  readonly alive: boolean;
}

/** Events that the server has of this bot. */
export interface FoundEvents {
  /** Of the first event, ISO 8601, by the clock of the server. */
  readonly since: string;
  readonly last: string;
  readonly lastType: string;
  readonly lastStream: string;
  /** Who owned the bot last, as the events say; undefined when they do not say. */
  readonly owner?: string | undefined;
}

/** Everything that a check of a journal server has seen; what was not tried is undefined. */
export interface JournalFacts {
  /** Scheme and hosts, without user and password. */
  readonly shown: string;
  /** Options of the address as they are written; they hold no secret. */
  readonly options: readonly string[];
  readonly tls: boolean;
  readonly caFile?: string | undefined;
  readonly user?: string | undefined;
  /** Name that the streams of the bot begin with. */
  readonly identity: string;
  readonly nodes: readonly NodeFact[];
  /** Undefined when the server does not report one. */
  readonly version?: string | undefined;
  readonly product?: CallFact | undefined;
  readonly members?: readonly MemberFact[] | undefined;
  readonly readAll?: CallFact | undefined;
  readonly write?: CallFact | undefined;
  readonly readBack?: CallFact | undefined;
  readonly metadata?: CallFact | undefined;
  /** By how much the clock of the server is ahead of ours; exact to `exactTo`. */
  readonly clock?: { readonly aheadMs: number; readonly exactTo: number } | undefined;
  readonly identityRead?: CallFact | undefined;
  readonly found?: FoundEvents | undefined;
}
