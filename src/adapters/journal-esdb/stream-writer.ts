import { setTimeout as pause } from 'node:timers/promises';
import type { AppendResult as ServerAppend } from '@eventstore/db-client';
import type { StreamName } from '../../events/event.js';
import type { AppendResult } from '../../ports/journal.js';
import { TradeBotError } from '../../kernel/errors.js';
import type { StoredEvent } from '../event-codec/codec.js';
import { alreadyAppended, type FoundEvent } from '../journal-common/append.js';
import { journalBusy } from '../journal-common/errors.js';
import { planAppends, type AppendPlan, type AppendRequest, type Decision } from './append-plan.js';
import type { EsdbConnection } from './esdb-connection.js';
import { failureOf, journalErrorOf, outcomeUnknown, streamDeleted, unreadable } from './esdb-errors.js';
import { storedOf } from './event-record.js';
import type { EsdbReader, RecordPage } from './esdb-reader.js';
import { StoredAppend, type SentEvent } from './stored-append.js';
import { faultError, misplaced } from './stream-findings.js';
import type { StreamGuard } from './stream-guard.js';
import { StreamStates, type StreamState } from './stream-states.js';

export type Outcome = { readonly result: AppendResult } | { readonly error: unknown };
/** The server's answer; `undefined` when there was nothing to send. */
type Sent = ServerAppend | undefined;

/** How often a run of appends is decided again because others wrote to the stream in between. */
const CONFLICT_ATTEMPTS = 16;

/** Decides, sends and settles appends to one stream at a time; README.md says why that is exactly once. */
export class StreamWriter {
  readonly #connection: EsdbConnection;
  readonly #reader: EsdbReader;
  readonly #guard: StreamGuard;
  readonly #states: StreamStates;

  constructor(connection: EsdbConnection, reader: EsdbReader, guard: StreamGuard) {
    this.#connection = connection;
    this.#reader = reader;
    this.#guard = guard;
    this.#states = new StreamStates(reader.identity);
  }

  /** Outcomes of the first of `requests`, all to `stream`, in order; at least one. Throws when the whole run failed. */
  async write(stream: StreamName, requests: readonly AppendRequest[]): Promise<readonly Outcome[]> {
    this.#guard.assertWritable();
    const known = this.#states.get(stream);
    let state = known ?? (await this.#firstLook(stream));
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
      if (sent !== undefined) this.#settle(stream, plan, sent);
      return plan.decisions.map((decision) => this.#outcomeOf(stream, decision, plan, before));
    } catch (error) {
      return plan.decisions.map((decision) =>
        decision.kind === 'write' || decision.kind === 'repeats'
          ? { error }
          : this.#outcomeOf(stream, decision, plan, before),
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
        return await this.#connection.append(this.#reader.serverName(stream), wires, expected);
      } catch (error) {
        const failure = failureOf(error);
        if (failure === 'wrong-revision') return 'conflict';
        if (failure === 'denied') throw await this.#guard.denied(stream, error);
        if (failure !== 'transient') throw journalErrorOf(error, this.#connection.url, `an append to ${stream}`);
        if (attempt >= this.#connection.attempts) {
          this.#states.forget(stream);
          throw outcomeUnknown(stream, error, this.#connection.url, attempt);
        }
      }
      await pause(this.#connection.pauseAfter(attempt));
    }
  }

  /** Checks that the events are where they were sent to. */
  #settle(stream: StreamName, plan: AppendPlan, sent: ServerAppend): void {
    const last = plan.events.at(-1);
    const end = Number(sent.nextExpectedRevision);
    if (last?.revision !== end) {
      // The stream was deleted between the look at it and the append: the server counts on from its hidden events.
      this.#states.forget(stream);
      const ids = plan.events.map(({ id }) => id);
      throw misplaced({ stream, revision: end - plan.events.length + 1 }, ids);
    }
    this.#states.extend(stream, plan.events);
  }

  /** `before` is the revision of the stream before the plan. */
  #outcomeOf(stream: StreamName, decision: Decision, plan: AppendPlan, before: number): Outcome {
    const locate = (events: readonly SentEvent[]) => this.#locate(stream, events);
    switch (decision.kind) {
      case 'refuse':
        return { error: decision.error };
      case 'found':
        return { result: alreadyAppended(decision.found) };
      case 'repeats':
        return { result: new StoredAppend(decision.found, true, locate) };
      case 'write': {
        const events = plan.events.slice(decision.first - before - 1, decision.last - before);
        return { result: new StoredAppend(events, false, locate) };
      }
    }
  }

  /** Where the events of an append are in the log. */
  async #locate(stream: StreamName, events: readonly SentEvent[]): Promise<readonly StoredEvent[]> {
    const found = new Map<number, StoredEvent>();
    for (const [from, limit] of stretches(events.map(({ revision }) => revision).sort((a, b) => a - b))) {
      const records = await this.#reader.readStream({ stream, from, direction: 'forwards', limit });
      for (const own of records) found.set(own.record.revision, storedOf(own));
    }
    return events.map(({ revision, hash }) => {
      const stored = found.get(revision);
      if (stored?.hash !== hash)
        throw unreadable(`revision ${revision} of stream ${stream}`, 'the written event is missing');
      return stored;
    });
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
      for (const own of records) {
        found.set(own.link.id, { ...storedOf(own), revision: own.record.revision });
      }
    }
    return found;
  }

  /** Before the first append of this process to a stream: neither its events nor its settings are known yet. */
  async #firstLook(stream: StreamName): Promise<StreamState> {
    try {
      const state = await this.#catchUp(stream);
      if (state.revision < 0) await this.#guard.begin(stream);
      else await this.#guard.check(stream);
      return state;
    } catch (error) {
      this.#states.forget(stream);
      // A stream that is cut has a gap at its start: that it is cut is the cause.
      if (isMissingEvents(error)) await this.#guard.check(stream);
      throw error;
    }
  }

  /** Reads the new events of a stream and checks that they continue its chain. */
  async #catchUp(stream: StreamName): Promise<StreamState> {
    const course = this.#states.course(stream);
    for (;;) {
      const page: RecordPage = await this.#reader.streamPage(stream, course.revision + 1);
      const ids = [];
      for (const record of page.records) {
        const taken = course.take(record);
        if (taken.kind === 'deleted') throw streamDeleted(`a read of ${stream}`);
        if (taken.fault !== undefined) throw faultError(taken.fault);
        if (taken.kind === 'ours') ids.push({ id: taken.own.link.id, revision: record.revision });
      }
      const state = this.#states.learn(stream, ids);
      if (!page.more) return state;
    }
  }
}

function isMissingEvents(error: unknown): boolean {
  return error instanceof TradeBotError && error.code === 'JOURNAL_EVENTS_LOST';
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
