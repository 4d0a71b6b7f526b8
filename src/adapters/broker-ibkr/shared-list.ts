import type { GatewayLine } from './gateway-line.js';
import type { GatewaySession, WriteRequest } from './gateway-session.js';
import type { GatewayMessage } from './messages.js';

/** A list that the gateway sends without the id of a question. */
export interface ListWithoutId<T> {
  readonly what: string;
  readonly ask: WriteRequest;
  readonly stop?: WriteRequest;
  readonly row: (message: GatewayMessage) => void;
  /** The message that ends the list. */
  readonly end: GatewayMessage['kind'];
  readonly answer: () => T;
}

/**
 * Reads such a list, one run after the other; a run that has not begun serves all who ask meanwhile. Rows that come late belong to a list
 * that was given up: the end of that one is waited for first, so that a list is whole or unknown.
 */
export class SharedList<T> {
  #running: Promise<T> | undefined;
  #next: Promise<T> | undefined;
  /** Lists of this connection that were given up and have not ended. */
  #owed = 0;
  #session: GatewaySession | undefined;
  #isAsking = false;

  constructor(
    private readonly line: GatewayLine,
    private readonly make: () => ListWithoutId<T>,
  ) {}

  /** A list that was asked for after this call. @throws NetworkError (retry) when it did not come whole in time. */
  read(): Promise<T> {
    if (this.#running === undefined) return this.#run();
    this.#next ??= this.#running.then(
      () => this.#run(),
      () => this.#run(),
    );
    return this.#next;
  }

  /** A message while nothing is asked: the late end of a list that was given up is not waited for by the next one. */
  noteLate(message: GatewayMessage): void {
    if (this.#isAsking || this.#owed === 0 || this.line.session !== this.#session) return;
    if (message.kind === this.make().end) this.#owed -= 1;
  }

  #run(): Promise<T> {
    this.#next = undefined;
    const run = this.#ask();
    const done = (): void => {
      if (this.#running === run) this.#running = undefined;
    };
    this.#running = run;
    run.then(done, done);
    return run;
  }

  async #ask(): Promise<T> {
    const { session } = this.line;
    if (session !== this.#session) this.#owed = 0;
    this.#session = session;
    const owedBefore = this.#owed;
    let list = this.make();
    this.#isAsking = true;
    try {
      return await this.line.ask<T>({
        what: list.what,
        withoutId: true,
        ask: () => list.ask,
        ...(list.stop === undefined ? {} : { stop: () => list.stop ?? list.ask }),
        take: (message) => {
          list.row(message);
          if (message.kind !== list.end) return undefined;
          if (this.#owed === 0) return { answer: list.answer() };
          this.#owed -= 1;
          list = this.make();
          return undefined;
        },
      });
    } catch (error) {
      this.#gaveUp(session, owedBefore);
      throw error;
    } finally {
      this.#isAsking = false;
    }
  }

  /** When an end came that may be of either list, only a new connection is unambiguous. */
  #gaveUp(session: GatewaySession | undefined, owedBefore: number): void {
    if (session === undefined || this.line.session !== session) return;
    if (this.#owed < owedBefore) this.line.restart('the ends of two lists could not be distinguished');
    else this.#owed += 1;
  }
}
