import type { StoredRecord } from './store.js';

/** What a generated event holds besides its place. */
export type GeneratedContent = Pick<StoredRecord, 'id' | 'type' | 'contentType' | 'data' | 'metadata'>;

export interface GeneratedLogOptions {
  /** How many events the log begins with. */
  readonly count: number;
  /** Stream and revision of the event at an index. */
  readonly placeOf: (index: number) => { readonly stream: string; readonly revision: number };
  readonly contentOf: (index: number) => GeneratedContent;
  /** The indices of a stream, in order; none for a stream that is not generated. */
  readonly indicesOf: (stream: string) => readonly number[];
}

const FIRST_POSITION = 1_000;
const POSITIONS_EACH = 1_000;

/** The beginning of a log that is made when it is read: millions of events cost nothing until somebody asks. */
export class GeneratedLog {
  readonly count: number;
  readonly #options: GeneratedLogOptions;

  constructor(options: GeneratedLogOptions) {
    this.count = options.count;
    this.#options = options;
  }

  /** The position behind the last generated event. */
  get end(): bigint {
    return BigInt(FIRST_POSITION + this.count * POSITIONS_EACH);
  }

  streamAt(index: number): string {
    return this.#options.placeOf(index).stream;
  }

  at(index: number): StoredRecord {
    const position = BigInt(FIRST_POSITION + index * POSITIONS_EACH);
    return { ...this.#options.placeOf(index), ...this.#options.contentOf(index), position, created: 0 };
  }

  /** Index of the first event at or after a position. */
  indexAt(position: bigint): number {
    return Math.max(0, Math.ceil((Number(position) - FIRST_POSITION) / POSITIONS_EACH));
  }

  stream(name: string): readonly StoredRecord[] {
    return this.#options.indicesOf(name).map((index) => this.at(index));
  }
}
