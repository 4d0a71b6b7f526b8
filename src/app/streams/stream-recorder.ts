import type { Subscription } from 'rxjs';
import type { Draft } from '../../events/draft.js';
import { parseStreamName, type NewEvent } from '../../events/event.js';
import { STREAMS } from '../../events/streams.js';
import type { Journal, StreamFinding } from '../../ports/journal.js';
import type { EventAppender } from '../journal/event-appender.js';
import { SerialQueue } from '../journal/serial-queue.js';

export interface StreamRecorderParts {
  readonly journal: Pick<Journal, 'streamsHealth' | 'readStream'>;
  readonly appender: Pick<EventAppender, 'append'>;
  /** Every finding that a person must see, at once. */
  readonly report: (finding: StreamFinding) => void;
}

/** Foreign events that one process records: a stranger may write any number of streams. */
const MOST_RECORDED = 100;
/** Events at the end of the stream that are looked at for what is recorded already. */
const LOOKED_AT = 5_000;

/**
 * Journals what others did to the streams of a journal on a server, each thing once, for as long as the journal is open.
 * Reports first: what stops writing cannot be journaled.
 */
export class StreamRecorder {
  readonly #queue = new SerialQueue();
  /** What the journal has: undefined before it was read. */
  #known: Set<string> | undefined;
  #recorded = 0;

  constructor(private readonly parts: StreamRecorderParts) {}

  /** Follows the findings; undefined for a journal that nobody else reaches. */
  start(): Subscription | undefined {
    void this.#recall().catch(() => undefined);
    return this.parts.journal.streamsHealth?.watch().subscribe((finding) => {
      if (finding.kind !== 'protected') this.parts.report(finding);
      // A journal that does not take it has said so to its other writers; the finding is reported in any case.
      void this.#queue.run(() => this.#record(finding)).catch(() => undefined);
    });
  }

  /** What an earlier process recorded and nobody has acknowledged: no read meets it again. */
  async #recall(): Promise<void> {
    const { journal, report } = this.parts;
    if (journal.streamsHealth === undefined) return;
    const newest = await journal.readStream(STREAMS.streams, { direction: 'backwards', limit: LOOKED_AT });
    const ours = newest.flatMap(({ type, data }) =>
      type === 'ForeignEventsFound' && data.inOurStream ? [data.stream] : [],
    );
    for (const stream of [...new Set(ours)].slice(0, MOST_RECORDED)) {
      const found = await journal.streamsHealth.blocked(parseStreamName(stream));
      if (found !== undefined) report(found);
    }
  }

  async #record(finding: StreamFinding): Promise<void> {
    const draft = draftOf(finding);
    if (draft === undefined || this.#recorded >= MOST_RECORDED) return;
    this.#known ??= await this.#read();
    const key = keyOf(draft);
    if (this.#known.has(key)) return;
    await this.parts.appender.append(STREAMS.streams, [draft]);
    if (draft.type === 'StreamRightsChecked') forgetRights(this.#known);
    this.#known.add(key);
    this.#recorded += 1;
  }

  async #read(): Promise<Set<string>> {
    const newest = await this.parts.journal.readStream(STREAMS.streams, { direction: 'backwards', limit: LOOKED_AT });
    const known = new Set<string>();
    let hasRights = false;
    for (const event of newest) {
      if (event.type === 'ForeignEventsFound') known.add(keyOf(event));
      if (event.type !== 'StreamRightsChecked' || hasRights) continue;
      hasRights = true;
      known.add(keyOf(event));
    }
    return known;
  }
}

type Recorded =
  Pick<NewEvent<'ForeignEventsFound'>, 'type' | 'data'> | Pick<NewEvent<'StreamRightsChecked'>, 'type' | 'data'>;

/** A run of foreign events is recorded once, however it grows; rights are recorded when they changed. */
function keyOf(event: Recorded): string {
  if (event.type === 'StreamRightsChecked') return `${RIGHTS}${event.data.outcome} ${event.data.user}`;
  const { inOurStream, stream, fromRevision } = event.data;
  return `${String(inOurStream)} ${stream} ${fromRevision}`;
}

const RIGHTS = 'rights ';

function forgetRights(known: Set<string>): void {
  for (const key of known) if (key.startsWith(RIGHTS)) known.delete(key);
}

function draftOf(finding: StreamFinding): Draft<'ForeignEventsFound'> | Draft<'StreamRightsChecked'> | undefined {
  const about = { correlationId: STREAMS.streams, causationId: null };
  const { kind, stream, from, to, sha256, type, bytes, remedy } = finding;
  if (kind === 'protected' || kind === 'unprotected') {
    const outcome = kind === 'protected' ? 'own' : 'open';
    return { type: 'StreamRightsChecked', data: { outcome, user: finding.user ?? '', remedy }, ...about };
  }
  if ((kind !== 'blocked' && kind !== 'foreign') || from === undefined || sha256 === undefined) return undefined;
  const data = {
    ...{ stream, inOurStream: kind === 'blocked', fromRevision: from, toRevision: to ?? from, sha256 },
    ...{ position: finding.position ?? null, eventType: type ?? '', bytes: bytes ?? 0, storedAt: finding.at ?? null },
  };
  return { type: 'ForeignEventsFound', data, ...about };
}
