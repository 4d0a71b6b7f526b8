import { setTimeout as pause } from 'node:timers/promises';
import type { AppendResult as ServerAppend } from '@eventstore/db-client';
import type { StreamName } from '../../events/event.js';
import type { AppendResult } from '../../ports/journal.js';
import { chainHash, type StoredEvent } from '../event-codec/codec.js';
import { Appended, alreadyAppended, type FoundEvent } from '../journal-common/append.js';
import { journalBusy } from '../journal-common/errors.js';
import { planAppends, type AppendPlan, type AppendRequest, type Decision } from './append-plan.js';
import type { EsdbConnection } from './esdb-connection.js';
import { failureOf, journalErrorOf, outcomeUnknown, streamDeleted, unreadable } from './esdb-errors.js';
import { positionText } from './esdb-position.js';
import { linkedBody, storedOf } from './event-record.js';
import type { EsdbReader, RecordPage } from './esdb-reader.js';
import { StreamStates, type StreamState } from './stream-states.js';

export type Outcome = { readonly result: AppendResult } | { readonly error: unknown };
/** `undefined` when there was nothing to send. */
type Sent = { readonly answer: ServerAppend; readonly repeated: boolean } | undefined;

/** How often a run of appends is decided again because others wrote to the stream in between. */
const CONFLICT_ATTEMPTS = 16;

/** Decides, sends and settles appends to one stream at a time; README.md says why that is exactly once. */
export class StreamWriter {
  readonly #connection: EsdbConnection;
  readonly #reader: EsdbReader;
  readonly #states = new StreamStates();
  /** Whether an answer has the log position of its last event: the first one is compared with the log. */
  #answersTellPositions: boolean | undefined;

  constructor(connection: EsdbConnection, reader: EsdbReader) {
    this.#connection = connection;
    this.#reader = reader;
  }

  /** Outcomes of the first of `requests`, all to `stream`, in order; at least one. Throws when the whole run failed. */
  async write(stream: StreamName, requests: readonly AppendRequest[]): Promise<readonly Outcome[]> {
    const known = this.#states.get(stream);
    let state = known ?? (await this.#catchUp(stream));
    let fresh = known === undefined;
    for (let attempt = 1; attempt <= CONFLICT_ATTEMPTS; attempt += 1) {
      const plan = planAppends(requests, state, await this.#recorded(stream, requests, state));
      const doubtful = plan.decisions.some((decision) => decision.kind === 'refuse' && decision.mayBeBehind);
      if (fresh || !doubtful) {
        const outcomes = await this.#carryOut(stream, plan, state);
        if (outcomes !== 'conflict') return outcomes;
      }
      state = await this.#catchUp(stream);
      fresh = true;
    }
    throw journalBusy(
      `other processes wrote to stream ${stream} during each of ${CONFLICT_ATTEMPTS} attempts to append`,
    );
  }

  async #carryOut(stream: StreamName, plan: AppendPlan, state: StreamState): Promise<readonly Outcome[] | 'conflict'> {
    const before = state.revision;
    try {
      const sent = await this.#send(stream, plan, before);
      if (sent === 'conflict') return sent;
      const written = sent === undefined ? [] : await this.#written(stream, plan, sent);
      return plan.decisions.map((decision) => outcomeOf(decision, written, before));
    } catch (error) {
      return plan.decisions.map((decision) =>
        decision.kind === 'write' || decision.kind === 'repeats' ? { error } : outcomeOf(decision, [], before),
      );
    }
  }

  /** Sends the same bytes at the same revision repeatedly: whichever attempt arrives, they are stored once. */
  async #send(stream: StreamName, plan: AppendPlan, revision: number): Promise<Sent | 'conflict'> {
    if (plan.events.length === 0) return undefined;
    const wires = plan.events.map((event) => event.wire);
    for (let attempt = 1; ; attempt += 1) {
      try {
        const expected = revision < 0 ? 'noStream' : revision;
        const answer = await this.#connection.append(this.#reader.serverName(stream), wires, expected);
        return { answer, repeated: attempt > 1 };
      } catch (error) {
        const failure = failureOf(error);
        if (failure === 'wrong-revision') return 'conflict';
        if (failure !== 'transient') throw journalErrorOf(error, this.#connection.url, `an append to ${stream}`);
        if (attempt >= this.#connection.attempts) {
          this.#states.forget(stream);
          throw outcomeUnknown(stream, error, this.#connection.url, attempt);
        }
      }
      await pause(this.#connection.pauseAfter(attempt));
    }
  }

  async #written(stream: StreamName, plan: AppendPlan, sent: NonNullable<Sent>): Promise<readonly StoredEvent[]> {
    const last = plan.events.at(-1);
    if (last === undefined || sent.answer.nextExpectedRevision !== BigInt(last.revision)) {
      this.#states.forget(stream);
      throw streamDeleted(
        `${stream} continued at ${sent.answer.nextExpectedRevision} instead of ${last?.revision ?? 0}`,
      );
    }
    this.#states.extend(stream, plan.events);
    const { position } = sent.answer;
    if (plan.events.length === 1 && position !== undefined && this.#isTrusted(sent)) {
      const { body, prevHash, hash } = last;
      return [{ position: positionText(position), body, prevHash, hash }];
    }
    return this.#readBack(stream, plan, sent);
  }

  /** The server returns the position of the last event; the others directly precede it in the log. */
  async #readBack(stream: StreamName, plan: AppendPlan, sent: NonNullable<Sent>): Promise<readonly StoredEvent[]> {
    const { events } = plan;
    const { position } = sent.answer;
    const last = events.at(-1);
    if (position !== undefined && last !== undefined && this.#isTrusted(sent)) {
      const filter = { exactly: this.#reader.serverName(stream) };
      const page = await this.#reader.allPage(filter, position, 'backwards', events.length - 1);
      const before = page.records.map(storedOf).reverse();
      const { body, prevHash, hash } = last;
      const found = [...before, { position: positionText(position), body, prevHash, hash }];
      if (matchesPlan(found, plan)) return found;
    }
    const first = events[0]?.revision ?? 0;
    const records = await this.#reader.readStream({ stream, from: first, direction: 'forwards', limit: events.length });
    const found = records.map(storedOf);
    if (!matchesPlan(found, plan))
      throw unreadable(`revision ${first} of stream ${stream}`, 'the written events are missing');
    if (position !== undefined && !sent.repeated) {
      this.#answersTellPositions = found.at(-1)?.position === positionText(position);
    }
    return found;
  }

  /** An answer for bytes that were already stored does not say which of them is last. */
  #isTrusted(sent: NonNullable<Sent>): boolean {
    return this.#answersTellPositions === true && !sent.repeated;
  }

  /** The bodies of the ids of the requests that are already recorded. */
  async #recorded(
    stream: StreamName,
    requests: readonly AppendRequest[],
    state: StreamState,
  ): Promise<ReadonlyMap<string, FoundEvent>> {
    const found = new Map<string, FoundEvent>();
    const wanted = new Set<number>();
    for (const { batch } of requests) {
      for (const { event } of batch) {
        const revision = state.ids.get(event.id);
        if (revision !== undefined) wanted.add(revision);
      }
    }
    for (const [from, limit] of stretches([...wanted].sort((a, b) => a - b))) {
      const records = await this.#reader.readStream({ stream, from, direction: 'forwards', limit });
      for (const record of records) {
        found.set(linkedBody(record).id, { ...storedOf(record), revision: record.revision });
      }
    }
    return found;
  }

  /** Reads the new events of a stream and checks that they continue its chain. */
  async #catchUp(stream: StreamName): Promise<StreamState> {
    let state = this.#states.get(stream) ?? this.#states.extend(stream, []);
    for (;;) {
      const page: RecordPage = await this.#reader.streamPage(stream, state.revision + 1);
      const links = [];
      let { hash, revision } = state;
      for (const record of page.records) {
        const link = linkedBody(record);
        revision += 1;
        if (record.revision !== revision || link.prevHash !== hash || chainHash(hash, link.body) !== link.hash) {
          throw unreadable(
            `revision ${record.revision} of stream ${stream}`,
            'it does not match the chain of its stream',
          );
        }
        hash = link.hash;
        links.push({ id: link.id, revision, hash });
      }
      state = this.#states.extend(stream, links);
      if (!page.more) return state;
    }
  }
}

function matchesPlan(found: readonly StoredEvent[], plan: AppendPlan): boolean {
  return found.length === plan.events.length && found.every((event, index) => event.hash === plan.events[index]?.hash);
}

/** Runs of adjacent numbers as `[first, length]`. */
function stretches(sorted: readonly number[]): readonly (readonly [number, number])[] {
  const runs: [number, number][] = [];
  for (const number of sorted) {
    const run = runs.at(-1);
    if (run !== undefined && run[0] + run[1] === number) run[1] += 1;
    else runs.push([number, 1]);
  }
  return runs;
}

/** `written` are the events of the plan, starting at revision `before` + 1. */
function outcomeOf(decision: Decision, written: readonly StoredEvent[], before: number): Outcome {
  switch (decision.kind) {
    case 'refuse':
      return { error: decision.error };
    case 'found':
      return { result: alreadyAppended(decision.found) };
    case 'write': {
      const stored = written.slice(decision.first - before - 1, decision.last - before);
      return { result: new Appended(stored, decision.last, false) };
    }
    case 'repeats': {
      const stored = decision.found.map((event) => written[event.revision - before - 1] ?? event);
      return { result: new Appended(stored, decision.found.at(-1)?.revision ?? 0, true) };
    }
  }
}
