import type { Position, RecordedEvent } from '../../events/event.js';
import type { Journal } from '../../ports/journal.js';

type Reader = Pick<Journal, 'readAll'>;

/** Events that answer a question, in journal order. */
export interface Chain {
  readonly events: readonly RecordedEvent[];
  /** Ids of the events that the question names; the others are causes, consequences and related events. */
  readonly asked: ReadonlySet<string>;
}

const PAGE = 1_000;

/** Fields that name the subject of an event. */
const NAMING = [
  'clientOrderId',
  'executionId',
  'correctsExecutionId',
  'brokerOrderId',
  'signalId',
  'positionId',
  'activityId',
  'adjustmentId',
] as const;

/** Whether the event is, or is about, the thing of this name. */
export function isNamed(event: RecordedEvent, name: string): boolean {
  if (event.id === name) return true;
  const data: Readonly<Record<string, unknown>> = event.data;
  return NAMING.some((key) => data[key] === name);
}

/** Correlations that group a day or a kind of command rather than one story: their members do not cause each other. */
function isStory(correlationId: string): boolean {
  return !/^(session\/|lifecycle$|config$|coa$)/.test(correlationId);
}

/** Calls `look` with every event once, in order. */
export async function eachEvent(journal: Reader, look: (event: RecordedEvent) => void): Promise<void> {
  let after: Position | undefined;
  for (;;) {
    const page = await journal.readAll({ limit: PAGE, ...(after === undefined ? {} : { after }) });
    for (const event of page) look(event);
    after = page.at(-1)?.position;
    if (page.length < PAGE) return;
  }
}

/**
 * The anchors, the events with the same correlation, and the causes of all of these back to the start of the journal.
 * Causes precede their consequences, so one backward pass finds them all.
 */
export async function chainOf(journal: Reader, anchors: readonly RecordedEvent[]): Promise<Chain> {
  const asked = new Set<string>(anchors.map(({ id }) => id));
  const stories = new Set(anchors.map(({ meta }) => meta.correlationId).filter(isStory));
  const wanted = new Set(asked);
  const found: RecordedEvent[] = [];
  let after: Position | undefined;
  for (;;) {
    const page = await journal.readAll({
      direction: 'backwards',
      limit: PAGE,
      ...(after === undefined ? {} : { after }),
    });
    for (const event of page) {
      if (!wanted.has(event.id) && !stories.has(event.meta.correlationId)) continue;
      found.push(event);
      if (event.meta.causationId !== null) wanted.add(event.meta.causationId);
    }
    after = page.at(-1)?.position;
    if (page.length < PAGE) return { events: found.reverse(), asked };
  }
}
