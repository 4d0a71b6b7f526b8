import type { EventType, Position, RecordedEvent } from '../../events/event.js';
import type { Sha256Hex } from '../../kernel/hash.js';
import type { Journal } from '../../ports/journal.js';

/** Events that were made from a message of the broker: they have its digest (`rawSha256`). */
export const EVENTS_WITH_FRAME = [
  'OrderFilled',
  'OrderFillCorrected',
  'OrderFillBusted',
  'OrderReloaded',
  'BrokerActivityImported',
  'ForeignFillBooked',
  'SharesConverted',
] as const satisfies readonly EventType[];

const PAGE = 1_000;

/** Whether an event of this type has the digest of a message. */
export function hasFrame(type: string): boolean {
  return (EVENTS_WITH_FRAME as readonly string[]).includes(type);
}

/** The event with this id, if it was made from a message of the broker; the newest are looked at first. */
export async function eventWithFrame(
  journal: Pick<Journal, 'readAll'>,
  id: string,
): Promise<RecordedEvent | undefined> {
  let after: Position | undefined;
  for (;;) {
    const options = { direction: 'backwards', limit: PAGE, filter: { types: EVENTS_WITH_FRAME } } as const;
    const page = await journal.readAll(after === undefined ? options : { ...options, after });
    const found = page.find((event) => event.id === id);
    if (found !== undefined || page.length < PAGE) return found;
    after = page.at(-1)?.position;
  }
}

/** The digests of the messages behind an event: its own first, then those of executions that it repeats. */
export function frameDigests(data: object): readonly Sha256Hex[] {
  const entries = Object.entries(data) as readonly (readonly [string, unknown])[];
  const own = entries.filter(([name]) => name === 'rawSha256').map(([, digest]) => digest as Sha256Hex);
  const inside = entries.flatMap(([, value]) =>
    typeof value === 'object' && value !== null ? frameDigests(value) : [],
  );
  return [...new Set([...own, ...inside])];
}
