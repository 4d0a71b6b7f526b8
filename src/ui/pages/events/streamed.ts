import type { ServerEvent } from '../../api/server-events.js';
import type { components } from '../../generated/api.js';

/** What a row shows of an event. */
export type EventRow = Pick<
  components['schemas']['EventAnswer'],
  'position' | 'type' | 'stream' | 'occurredAt' | 'meta' | 'data'
>;
/** As the server takes it, with an empty text for what is not asked for: `stream` is the beginning of a name, `streamName` a whole one. */
export type EventFilter = Readonly<Record<'type' | 'stream' | 'streamName' | 'correlation', string>>;

/** A row that the line of live events brought, and how many answers have come since. */
interface Drawn {
  readonly row: EventRow;
  readonly answers: number;
}

export type Step = { readonly came: EventRow } | { readonly answered: readonly EventRow[] } | 'none';

/** One answer may have been on its way when the event came; the next one knows it. */
const MOST_ANSWERS = 2;
const MOST_ROWS = 20;

/** The filter of an address: with `whole` its `stream` is the whole name. */
export function filterOf({
  type = '',
  stream = '',
  whole = '',
  correlation = '',
}: Readonly<Record<string, string>>): EventFilter {
  return { type, correlation, ...(whole === '' ? { stream, streamName: '' } : { stream: '', streamName: stream }) };
}

/** Newest first. A row stays until an answer has it. */
export function streamed(drawn: readonly Drawn[], step: Step): readonly Drawn[] {
  if (step === 'none') return [];
  if ('came' in step) return [{ row: step.came, answers: 0 }, ...drawn].slice(0, MOST_ROWS);
  const known = new Set(step.answered.map(({ position }) => position));
  return drawn
    .map(({ row, answers }) => ({ row, answers: answers + 1 }))
    .filter(({ row, answers }) => answers < MOST_ANSWERS && !known.has(row.position));
}

/** The row of a live event; null: the filter leaves it out; undefined: the line does not say enough. */
export function rowOfLive({ id, data: text }: ServerEvent, filter: EventFilter): EventRow | null | undefined {
  const { type, at, stream, actor, data } = JSON.parse(text) as Readonly<Record<string, unknown>>;
  if (typeof stream !== 'string' || filter.correlation !== '' || id === '') return undefined;
  const types = filter.type.split(',').map((one) => one.trim());
  if (filter.type !== '' && !types.includes(String(type))) return null;
  if (!stream.startsWith(filter.stream)) return null;
  if (filter.streamName !== '' && stream !== filter.streamName) return null;
  const row = { position: id, type: String(type), stream, occurredAt: String(at) };
  return { ...row, meta: { actor }, data: data as EventRow['data'] };
}

/** The rows with those before them that no answer has yet. */
export function withStreamed(drawn: readonly EventRow[], rows: readonly EventRow[]): readonly EventRow[] {
  const known = new Set(rows.map(({ position }) => position));
  const ahead = drawn.filter(({ position }) => !known.has(position));
  return ahead.length === 0 ? rows : [...ahead, ...rows];
}
