import type { components } from '../../generated/api.js';

/** The chart of a symbol and session as the server has it. */
export type ChartBody = components['schemas']['ChartAnswer'];

const MINUTE_S = 60;

/** Seconds since 1970 of the minute of a moment. */
export function minuteOf(utc: string): number {
  const seconds = Math.floor(Date.parse(utc) / 1_000);
  return seconds - (seconds % MINUTE_S);
}

/** A point of a line; without a value the line has a gap. */
export interface Point {
  readonly time: number;
  readonly value?: number;
}

/** The stops of one strategy as steps: each holds until the next one, and none after the position is closed. */
export function stopLines({ stops, bars }: Pick<ChartBody, 'stops' | 'bars'>): readonly (readonly Point[])[] {
  const names = [...new Set(stops.map(({ strategy }) => strategy))];
  const times = bars.map(({ at }) => minuteOf(at));
  return names.map((name) => {
    const own = stops.filter(({ strategy }) => strategy === name).map(({ at, stop }) => ({ from: minuteOf(at), stop }));
    let next = 0;
    let stop: string | null = null;
    return times.map((time): Point => {
      for (let one = own[next]; one !== undefined && one.from <= time; one = own[next]) {
        ({ stop } = one);
        next += 1;
      }
      return stop === null ? { time } : { time, value: Number(stop) };
    });
  });
}

/** A row of the table of marks: what the chart shows, in text. */
export interface MarkRow {
  readonly key: string;
  readonly at: string;
  readonly kind: 'signal' | 'entry' | 'exit' | 'stop' | 'end' | 'halt';
  readonly side: string;
  readonly price: string | null;
  readonly quantity: string | null;
  readonly strategy: string;
  readonly eventId: string | null;
  readonly clientOrderId: string | null;
}

/** Signals, fills, stops and halts in the order of time. */
export function markRows({ marks, stops, halts }: Pick<ChartBody, 'marks' | 'stops' | 'halts'>): readonly MarkRow[] {
  const none = { quantity: null, clientOrderId: null, side: '' };
  const rows: readonly MarkRow[] = [
    ...marks.map((mark, at): MarkRow => ({ ...mark, key: `${mark.eventId} ${at}` })),
    ...stops.map(({ at, stop, strategy, eventId }, n): MarkRow => {
      const kind = stop === null ? 'end' : 'stop';
      return { ...none, key: `${eventId} stop ${n}`, at, kind, price: stop, strategy, eventId };
    }),
    ...halts.map(({ from }): MarkRow => {
      return { ...none, key: `halt ${from}`, at: from, kind: 'halt', price: null, strategy: '', eventId: null };
    }),
  ];
  return rows.toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}
