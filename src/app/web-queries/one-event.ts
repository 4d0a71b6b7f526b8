import { chainHash, chainKindOf, GENESIS_HASH } from '../../domain/audit/chain.js';
import type { EventType, Position, RecordedEvent } from '../../events/event.js';
import type { Sha256Hex } from '../../kernel/hash.js';
import type { Journal } from '../../ports/journal.js';
import { JournalPages } from './journal-pages.js';

type Reader = Pick<Journal, 'readAll' | 'readStream' | 'chainsStreams'>;

/** Events before and after an event that are looked through for its cause and its effects. */
export const MOST_LOOKED_AT = 4_000;
/** Effects of one event that are shown. */
export const MOST_EFFECTS = 100;
const PAGE = 500;
/** Seals after an event that are looked at: another process may record between the end of a seal and the seal. */
const MOST_SEALS = 20;

/** An event with what led to it, what it led to, and what proves it. */
export interface OneEvent {
  readonly event: RecordedEvent;
  /** SHA-256 of the hash before and the stored text, computed now; equal to the hash of an unchanged event. */
  readonly computedHash: Sha256Hex;
  /** Whether the hash before is that of the event before in its chain. */
  readonly follows: boolean;
  /** Null without a cause in the journal, and for one too far back. */
  readonly cause: RecordedEvent | null;
  /** In their order; more than MOST_EFFECTS are cut. */
  readonly effects: readonly RecordedEvent[];
  /** The first seal that covers the event; null while none does. */
  readonly seal: RecordedEvent<'JournalSealed'> | null;
  /** The neighbours among the events of these types. */
  readonly before: Position | null;
  readonly after: Position | null;
}

/** What an event is looked up with. */
export interface OneEventQuery {
  readonly position: Position;
  /** Types that the reader may see; undefined: every one. */
  readonly types: readonly EventType[] | undefined;
  /** The exact text that the journal stores. */
  readonly storedText: (event: RecordedEvent) => string;
}

/** The event at a position, or undefined when the journal has none there, or none of these types. Every read is bounded. */
export async function oneEvent(journal: Reader, query: OneEventQuery): Promise<OneEvent | undefined> {
  const { position, types, storedText } = query;
  const [event] = (await new JournalPages(journal).events({ limit: 1, until: position })).items;
  if (event?.position !== position) return undefined;
  if (types !== undefined && !types.includes(event.type)) return undefined;
  const filter = types === undefined ? {} : { filter: { types } };
  const [[after], [before], cause, effects, seal, hashBefore] = await Promise.all([
    journal.readAll({ after: position, limit: 1, ...filter }),
    journal.readAll({ after: position, limit: 1, direction: 'backwards', ...filter }),
    causeOf(journal, event),
    effectsOf(journal, event),
    sealOver(journal, position),
    hashBeforeOf(journal, event),
  ]);
  return {
    ...{ event, cause, effects, seal },
    computedHash: chainHash(event.prevHash, storedText(event)),
    follows: event.prevHash === hashBefore,
    before: before?.position ?? null,
    after: after?.position ?? null,
  };
}

async function causeOf(journal: Reader, { meta, position }: RecordedEvent): Promise<RecordedEvent | null> {
  const { causationId } = meta;
  if (causationId === null) return null;
  let found: RecordedEvent | undefined;
  await walk(journal, position, 'backwards', (event) => {
    if (event.id === causationId) found = event;
    return found !== undefined;
  });
  return found ?? null;
}

async function effectsOf(journal: Reader, { id, position }: RecordedEvent): Promise<readonly RecordedEvent[]> {
  const found: RecordedEvent[] = [];
  await walk(journal, position, 'forwards', (event) => {
    if (event.meta.causationId === id) found.push(event);
    return found.length === MOST_EFFECTS;
  });
  return found;
}

/** Looks at the events next to a position until `ended`, at most MOST_LOOKED_AT of them. */
async function walk(
  journal: Reader,
  from: Position,
  direction: 'forwards' | 'backwards',
  ended: (event: RecordedEvent) => boolean,
): Promise<void> {
  let after = from;
  for (let seen = 0; seen < MOST_LOOKED_AT; seen += PAGE) {
    const page = await journal.readAll({ after, direction, limit: PAGE });
    if (page.some(ended) || page.length < PAGE) return;
    after = page.at(-1)?.position ?? after;
  }
}

/** A seal of before a move has positions of the other journal, which are not compared. */
async function sealOver(journal: Reader, position: Position): Promise<RecordedEvent<'JournalSealed'> | null> {
  const filter = { types: ['JournalSealed'] } as const;
  const seals = await journal.readAll({ after: position, limit: MOST_SEALS, filter });
  for (const seal of seals) if (seal.type === 'JournalSealed' && covers(seal.data.position, position)) return seal;
  return null;
}

function covers(sealed: Position, position: Position): boolean {
  return chainKindOf(sealed) === chainKindOf(position) && sealed >= position;
}

async function hashBeforeOf(journal: Reader, { position, stream, revision }: RecordedEvent): Promise<Sha256Hex> {
  if (journal.chainsStreams === true) {
    if (revision === 0) return GENESIS_HASH;
    const [before] = await journal.readStream(stream, { from: revision - 1, limit: 1 });
    return before?.hash ?? GENESIS_HASH;
  }
  const [before] = await journal.readAll({ after: position, limit: 1, direction: 'backwards' });
  return before?.hash ?? GENESIS_HASH;
}
