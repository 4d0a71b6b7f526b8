import { chainKindOf, Chains, type ChainKind } from '../../domain/audit/chain.js';
import { MerkleTree } from '../../domain/audit/merkle.js';
import type { RecordedEvent } from '../../events/event.js';
import { TradeBotError } from '../../kernel/errors.js';
import { LinesDigest, type Sha256Hex } from '../../kernel/hash.js';
import type { Journal } from '../../ports/journal.js';
import { eventsOf } from './journal-tree.js';

/** What is to be known about the first events of a journal, each by a number of events. */
export interface WalkQuestions {
  /** Ends of seals, by the chain that they were made with. */
  readonly sealed?: Readonly<Record<ChainKind, ReadonlySet<number>>>;
  /** Numbers of first events whose texts are digested. */
  readonly digested?: ReadonlySet<number>;
}

/** The end of a stretch from the first event on. */
export interface StretchEnd {
  readonly event: RecordedEvent;
  /** Of the event, by the chain that was asked for. */
  readonly hash: Sha256Hex;
  readonly root: Sha256Hex;
}

/** The answers of a walk. */
export interface Walked {
  readonly count: number;
  readonly ends: Readonly<Record<ChainKind, ReadonlyMap<number, StretchEnd>>>;
  readonly digests: ReadonlyMap<number, Sha256Hex>;
  /** Why reading stopped before the end. */
  readonly unreadable: string | undefined;
}

/** A journal, and the exact text that it stores for an event. */
export interface WalkedJournal {
  readonly journal: Pick<Journal, 'readAll'>;
  readonly storedText: (event: RecordedEvent) => string;
}

/**
 * Reads a journal once and answers everything that is asked about its first events. The chain of the other kind is made
 * again from the texts, so a seal of before a move is checked after it.
 */
export async function walkHistory(
  { journal, storedText }: WalkedJournal,
  { sealed, digested = new Set() }: WalkQuestions,
): Promise<Walked> {
  const walks = KINDS.map((kind) => ({
    kind,
    asked: sealed?.[kind] ?? new Set<number>(),
    tree: new MerkleTree(),
    ends: new Map<number, StretchEnd>(),
  }));
  const rebuilt = new Map<ChainKind, Chains>();
  const digest = digested.size === 0 ? undefined : new LinesDigest();
  const digests = new Map<number, Sha256Hex>();
  let count = 0;
  let unreadable: string | undefined;
  if (digest !== undefined && digested.has(0)) digests.set(0, digest.hex());
  try {
    for await (const event of eventsOf(journal)) {
      count += 1;
      const own = chainKindOf(event.position);
      for (const walk of walks) {
        if (walk.asked.size === 0) continue;
        const hash =
          walk.kind === own ? event.hash : chainOf(rebuilt, walk.kind).next(event.stream, storedText(event)).hash;
        walk.tree.add(hash);
        if (walk.asked.has(count)) walk.ends.set(count, { event, hash, root: walk.tree.root() });
      }
      digest?.add(storedText(event));
      if (digest !== undefined && digested.has(count)) digests.set(count, digest.hex());
    }
  } catch (error) {
    // The chain was rebuilt over a text that is not a valid event.
    if (!(error instanceof TradeBotError) || error.callerMust !== 'stop') throw error;
    unreadable = error.message;
  }
  const endsOf = (kind: ChainKind) => walks.find((walk) => walk.kind === kind)?.ends ?? new Map<number, StretchEnd>();
  const ends = { 'one chain': endsOf('one chain'), 'a chain for each stream': endsOf('a chain for each stream') };
  return { count, ends, digests, unreadable };
}

const KINDS: readonly ChainKind[] = ['one chain', 'a chain for each stream'];

function chainOf(rebuilt: Map<ChainKind, Chains>, kind: ChainKind): Chains {
  const known = rebuilt.get(kind) ?? new Chains(kind);
  rebuilt.set(kind, known);
  return known;
}
