import { api } from '../api/client.js';
import { useApi } from '../api/query.js';
import type { components } from '../generated/api.js';
import { askedOf, figureAsked, type FigureEntry } from './figures.js';

type Body = components['schemas']['ExplainAnswer'];

/** The value of a figure, and what it is of; null while it is not known. */
export interface OwnValue {
  readonly value: string | null;
  readonly of: string;
}

interface Posting {
  readonly fitid: string;
  readonly description: string;
  readonly amount: string;
  readonly charges: string;
  readonly legs: readonly {
    readonly line: number;
    readonly account: string;
    readonly name: string;
    readonly debit: string;
    readonly credit: string;
  }[];
}

type Members = Readonly<Record<string, unknown>>;

/**
 * The value of a figure by its address alone: the answer has it for a question about a figure; for an id it stands in the
 * event, order, lot or entry that the id names.
 */
export function useOwnValue({ from }: FigureEntry, body: Body, asof: string | null): OwnValue {
  const { subject, figure, events } = body;
  const past = asof === null ? {} : { asof };
  const event = from === undefined || !('event' in from) ? undefined : eventOf(events, from.type, subject);
  const read = useApi(
    ['explain', 'event', event?.position],
    (signal) => api.GET('/api/journal/event', { signal, params: { query: { at: event?.position ?? '' } } }),
    { enabled: event !== undefined },
  );
  const isOrder = from !== undefined && 'order' in from;
  const order = useApi(
    ['explain', 'order', subject, asof],
    (signal) => api.GET('/api/orders/{id}', { signal, params: { path: { id: subject }, query: past } }),
    { enabled: isOrder },
  );
  const isLot = from !== undefined && 'lot' in from;
  const lots = useApi(
    ['explain', 'lots', asof],
    (signal) => api.GET('/api/ledger/lots', { signal, params: { query: past } }),
    { enabled: isLot },
  );
  if (from === undefined) return { value: figure?.value ?? null, of: ofQuestion(body) };
  if ('event' in from) {
    const data = read.data?.event.data;
    return { value: textAt(data, from.event), of: textAt(data, 'symbol') ?? '' };
  }
  if ('order' in from) return { value: textAt(order.data?.order, from.order), of: subject };
  if ('lot' in from) {
    const found = (lots.data?.holdings ?? []).flatMap(({ symbol, lots: own }) =>
      own.flatMap((lot) => (`event:${lot.position}` === subject ? [{ symbol, lot }] : [])),
    );
    // One event can open several lots, those of the first day: then the address does not say which.
    const one = found.length === 1 ? found[0] : undefined;
    return { value: textAt(one?.lot, from.lot), of: one?.symbol ?? '' };
  }
  return ofPosting(from, body);
}

/** The effect of an entry of the ledger, or the amount of its leg `<fitid>:<line>`. */
function ofPosting(
  from: Extract<FigureEntry['from'], { readonly entry: string } | { readonly leg: string }>,
  { subject, postings }: Body,
): OwnValue {
  const [fitid = '', line = ''] = subject.split(':');
  const posting = (postings as unknown as readonly Posting[]).find((one) => one.fitid === fitid);
  if (posting === undefined) return { value: null, of: '' };
  if ('entry' in from) return { value: posting[from.entry], of: posting.description };
  const leg = posting.legs.find((one) => String(one.line) === line);
  return leg === undefined ? { value: null, of: '' } : { value: leg[from.leg], of: `${leg.account} ${leg.name}` };
}

/** An account is known by its name; an id stays what it is. */
function ofQuestion({ subject, figure }: Body): string {
  if (figureAsked(subject) === undefined) return subject;
  return subject.startsWith('account:') && figure !== null ? figure.name : askedOf(subject);
}

function eventOf(events: Body['events'], type: string | undefined, id: string): Body['events'][number] | undefined {
  return events.findLast((one) => (type === undefined ? one.eventId === id : one.type === type));
}

/** A member of an object by its path, as text. */
function textAt(of: unknown, path: string): string | null {
  const found = path.split('.').reduce<unknown>((part, name) => (part as Members | null | undefined)?.[name], of);
  return typeof found === 'string' ? found : null;
}
