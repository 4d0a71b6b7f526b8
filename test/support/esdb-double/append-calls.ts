import type { ServerDuplexStream, ServerReadableStream, sendUnaryData } from '@grpc/grpc-js';
import type {
  AppendReq,
  AppendResp,
  BatchAppendReq,
  BatchAppendResp,
} from '@eventstore/db-client/generated/streams_pb.js';
import {
  appendAnswer,
  batchAnswer,
  batchRefusal,
  expectedOf,
  expectedOfBatch,
  nameOf,
  proposedOf,
  type Answered,
} from './messages.js';
import type { Refusal } from './refusals.js';
import type { Expected, ProposedRecord } from './store.js';

/** An append that has arrived whole, and the ways to answer it. */
export interface ArrivedAppend {
  readonly call: Pick<ServerReadableStream<unknown, unknown>, 'metadata'>;
  readonly name: string;
  readonly events: readonly ProposedRecord[];
  readonly expected: Expected;
  readonly answer: (outcome: Answered) => void;
  readonly refuse: (refusal: Refusal) => void;
}

/** Called once for each append that has arrived whole. */
export type OnAppend = (append: ArrivedAppend) => void;

/** Collects the messages of one plain append. */
export function takeAppend(
  call: ServerReadableStream<AppendReq, AppendResp>,
  done: sendUnaryData<AppendResp>,
  arrived: OnAppend,
): void {
  let name = '';
  let expected: Expected = 'any';
  const events: ProposedRecord[] = [];
  call.on('data', (request: AppendReq) => {
    const options = request.getOptions();
    const proposed = request.getProposedMessage();
    if (options !== undefined) {
      name = nameOf(options.getStreamIdentifier());
      expected = expectedOf(options);
    }
    if (proposed !== undefined) events.push(proposedOf(proposed));
  });
  const apply = (): void => {
    if (call.cancelled) return;
    const answer = (outcome: Answered): void => done(null, appendAnswer(outcome));
    arrived({ call, name, events, expected, answer, refuse: (refusal) => done(refusal) });
  };
  // what was broken off half-way ends too, and only then is known as cancelled: it is no append
  call.on('end', () => setImmediate(() => setImmediate(apply)));
}

/** How long after the first a refused batch append is answered again, as seen of servers; shorter than theirs. */
const SECOND_ANSWER_MS = 50;

/** Collects the appends of one line of batch appends. When `twice` gives a function, a refusal is answered again, and it is called then. */
export function takeBatchAppends(
  call: ServerDuplexStream<BatchAppendReq, BatchAppendResp>,
  twice: () => (() => void) | undefined,
  arrived: OnAppend,
): void {
  const open = new Map<string, { name: string; expected: Expected; events: ProposedRecord[] }>();
  call.on('data', (request: BatchAppendReq) => {
    const id = request.getCorrelationId()?.getString() ?? '';
    const options = request.getOptions();
    const batch = open.get(id) ?? {
      name: nameOf(options?.getStreamIdentifier()),
      expected: options === undefined ? 'any' : expectedOfBatch(options),
      events: [],
    };
    open.set(id, batch);
    for (const message of request.getProposedMessagesList()) batch.events.push(proposedOf(message));
    if (!request.getIsFinal()) return;
    open.delete(id);
    arrived({
      call,
      ...batch,
      answer: (outcome) => call.write(batchAnswer(request, batch.name, outcome)),
      refuse: (refusal) => {
        if (refusal.inBatch === undefined) return void call.emit('error', refusal);
        const refused = batchRefusal(request, batch.name, refusal);
        call.write(refused);
        const answeredAgain = twice();
        if (answeredAgain === undefined) return;
        setTimeout(() => {
          call.write(refused);
          answeredAgain();
        }, SECOND_ANSWER_MS).unref();
      },
    });
  });
  call.on('end', () => call.end());
}
