import { placesOf } from '../../events/event-streams.js';
import { parseStreamName, type EventType, type StreamName } from '../../events/event.js';
import { TradeBotError } from '../../kernel/errors.js';
import { PAGE_EVENTS } from '../journal-common/paging.js';
import { isAfter, type LogPosition } from './esdb-position.js';
import { FIRST_PAGE, GROWTH, positionOf, type AllRead, type EsdbReader } from './esdb-reader.js';
import type { OwnRecord } from './event-record.js';

/** More streams than this are read through the log. */
const MOST_STREAMS = 8;

/** Where a stream is read on. */
interface Begin {
  readonly stream: StreamName;
  /** Inclusive; undefined is the end at which the direction starts. */
  readonly from: number | undefined;
  /** The stream has no events from there on now, and may have some later. */
  readonly isEnd?: boolean;
}

/**
 * Reads of some types of events. The server can send the events of a stream by its index, but filters its log only by
 * looking through all of it: where the types lie in few streams, these are read, and their events are put in order.
 */
export class TypedReader {
  readonly #reader: EsdbReader;
  /** Where the last forwards read ended, so that its next page needs no search. */
  #next: { readonly after: LogPosition; readonly begins: readonly Begin[] } | undefined;

  constructor(reader: EsdbReader) {
    this.#reader = reader;
  }

  async read(read: AllRead, types: readonly EventType[]): Promise<readonly OwnRecord[]> {
    const places = placesOf(types, read.filter?.streamPrefix ?? '');
    if (places === undefined) return this.#reader.readAll(read);
    if (places.length === 0 || read.limit === 0) return [];
    const names = places.map(({ name }) => name);
    if (places.length <= MOST_STREAMS && !places.some(({ isFamily }) => isFamily)) {
      const found = await this.#fromStreams(read, types, names.map(parseStreamName));
      if (found !== undefined) return found;
    }
    return this.#reader.readAll({ ...read, places: names });
  }

  /** Undefined when the streams cannot be read by themselves: the server does not say where their events are, or one is deleted. */
  async #fromStreams(
    read: AllRead,
    types: readonly EventType[],
    streams: readonly StreamName[],
  ): Promise<readonly OwnRecord[] | undefined> {
    const reader = this.#reader;
    try {
      // What is appended while one stream after the other is read would else show in one and not in another.
      const end = streams.length === 1 ? undefined : await reader.end();
      const all: OwnRecord[] = [];
      const begins: Begin[] = [];
      for (const stream of streams) {
        const begin = await this.#begin(stream, read);
        const found = begin.isEnd === true ? [] : await this.#fromStream(begin, { ...read, end }, types);
        if (!reader.knowsPositions) return undefined;
        begins.push(begin);
        for (const own of found) all.push(own);
      }
      if (streams.length > 1) all.sort((a, b) => order(a, b) * (read.direction === 'forwards' ? 1 : -1));
      const page = all.slice(0, read.limit);
      this.#keep(page, begins, read);
      return page;
    } catch (error) {
      if (error instanceof TradeBotError && error.code === 'JOURNAL_STREAM_DELETED') return undefined;
      throw error;
    }
  }

  async #fromStream(
    { stream, from: begin }: Begin,
    { after, direction, limit, end }: AllRead & { readonly end: LogPosition | undefined },
    types: readonly string[],
  ): Promise<readonly OwnRecord[]> {
    const found: OwnRecord[] = [];
    const isAsked = ({ record }: OwnRecord): boolean => {
      if (!types.includes(record.type) || (end !== undefined && isAfter(positionOf(record), end))) return false;
      // A place that an earlier read has kept may lie before: events of other types follow it.
      return direction === 'backwards' || after === undefined || isAfter(positionOf(record), after);
    };
    let from = begin;
    for (let size = Math.min(Math.max(limit, FIRST_PAGE), PAGE_EVENTS); ; size = Math.min(size * GROWTH, PAGE_EVENTS)) {
      const page: readonly OwnRecord[] = await this.#reader.readStream({ stream, from, direction, limit: size });
      if (!this.#reader.knowsPositions) return [];
      for (const own of page) {
        if (isAsked(own)) found.push(own);
        if (found.length >= limit) return found;
      }
      const last = page.at(-1)?.record.revision;
      if (last === undefined || page.length < size) return found;
      from = last + (direction === 'forwards' ? 1 : -1);
      if (from < 0) return found;
    }
  }

  /** Where the events of a stream after (or, backwards, before) a position of the log begin. */
  async #begin(stream: StreamName, { after, direction }: AllRead): Promise<Begin> {
    if (after === undefined) return { stream, from: undefined };
    const forwards = direction === 'forwards';
    const kept = forwards ? this.#keptBegin(stream, after) : undefined;
    if (kept !== undefined) return kept;
    const [last] = await this.#reader.readStream({ stream, from: undefined, direction: 'backwards', limit: 1 });
    if (last === undefined || !this.#reader.knowsPositions) return { stream, from: 0, isEnd: true };
    const isBeyond = ({ record }: OwnRecord): boolean =>
      forwards ? isAfter(positionOf(record), after) : !isAfter(after, positionOf(record));
    const end = last.record.revision + 1;
    const first = isBeyond(last) ? await this.#firstBeyond(last, isBeyond) : end;
    return forwards
      ? { stream, from: first, isEnd: first === end }
      : { stream, from: Math.max(first - 1, 0), isEnd: first === 0 };
  }

  #keptBegin(stream: StreamName, after: LogPosition): Begin | undefined {
    const kept = this.#next;
    if (kept === undefined || isAfter(kept.after, after) || isAfter(after, kept.after)) return undefined;
    return kept.begins.find((begin) => begin.stream === stream);
  }

  /** The first revision that is beyond, as all after it are: what is asked for is mostly near the end. */
  async #firstBeyond({ record }: OwnRecord, isBeyond: (own: OwnRecord) => boolean): Promise<number> {
    const { stream } = record;
    let [low, high, step] = [0, record.revision, 1];
    while (low < high) {
      const middle = low === 0 ? Math.max(high - step, 0) : Math.floor((low + high) / 2);
      const [own] = await this.#reader.readStream({ stream, from: middle, direction: 'forwards', limit: 1 });
      if (own === undefined || isBeyond(own)) high = middle;
      else low = own.record.revision + 1;
      step *= 2;
    }
    return high;
  }

  #keep(page: readonly OwnRecord[], begins: readonly Begin[], { direction, limit }: AllRead): void {
    const last = page.at(-1);
    if (direction !== 'forwards' || page.length < limit || last === undefined) return;
    const after = positionOf(last.record);
    const reached = new Map(page.map(({ record }) => [record.stream, record.revision + 1]));
    this.#next = {
      after,
      begins: begins.map(({ stream, from }) => ({ stream, from: reached.get(stream) ?? from })),
    };
  }
}

function order(a: OwnRecord, b: OwnRecord): number {
  return isAfter(positionOf(a.record), positionOf(b.record)) ? 1 : -1;
}
