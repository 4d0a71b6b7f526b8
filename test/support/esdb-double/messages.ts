import sharedPb from '@eventstore/db-client/generated/shared_pb.js';
import statusPb from '@eventstore/db-client/generated/status_pb.js';
import streamsPb from '@eventstore/db-client/generated/streams_pb.js';
import type {
  AppendReq,
  AppendResp,
  BatchAppendReq,
  BatchAppendResp,
  DeleteReq,
  DeleteResp,
  ReadReq,
  ReadResp,
  TombstoneReq,
  TombstoneResp,
} from '@eventstore/db-client/generated/streams_pb.js';
import anyPb from 'google-protobuf/google/protobuf/any_pb.js';
import type { Refusal } from './refusals.js';
import {
  TOMBSTONE_REVISION,
  type AppendOutcome,
  type Expected,
  type ProposedRecord,
  type StoredRecord,
} from './store.js';

/** An append that was not refused. */
export type Answered = Exclude<AppendOutcome, { readonly kind: 'deleted' }>;

const UNKNOWN_POSITION = String((1n << 64n) - 1n);

type Proposed = AppendReq.ProposedMessage | BatchAppendReq.ProposedMessage;

export function proposedOf(message: Proposed): ProposedRecord {
  return {
    id: message.getId()?.getString() ?? '',
    type: message.getMetadataMap().get('type') ?? '',
    contentType: message.getMetadataMap().get('content-type') ?? '',
    data: Buffer.from(message.getData_asU8()),
    metadata: Buffer.from(message.getCustomMetadata_asU8()),
  };
}

export function nameOf(identifier: { getStreamName_asU8(): Uint8Array } | undefined): string {
  return Buffer.from(identifier?.getStreamName_asU8() ?? []).toString('utf8');
}

export function expectedOf(options: AppendReq.Options | DeleteReq.Options | TombstoneReq.Options): Expected {
  if (options.hasAny()) return 'any';
  if (options.hasNoStream()) return 'noStream';
  return options.hasStreamExists() ? 'streamExists' : Number(options.getRevision());
}

export function expectedOfBatch(options: BatchAppendReq.Options): Expected {
  if (options.hasAny()) return 'any';
  if (options.hasNoStream()) return 'noStream';
  return options.hasStreamExists() ? 'streamExists' : Number(options.getStreamPosition());
}

export function identifierOf(name: string): InstanceType<typeof sharedPb.StreamIdentifier> {
  const identifier = new sharedPb.StreamIdentifier();
  identifier.setStreamName(Uint8Array.from(Buffer.from(name)));
  return identifier;
}

export function appendAnswer(outcome: Answered): AppendResp {
  const answer = new streamsPb.AppendResp();
  if (outcome.kind === 'wrong version') {
    const wrong = new streamsPb.AppendResp.WrongExpectedVersion();
    if (outcome.actual === null) wrong.setCurrentNoStream(new sharedPb.Empty());
    else wrong.setCurrentRevision(String(outcome.actual));
    wrong.setExpectedAny(new sharedPb.Empty());
    answer.setWrongExpectedVersion(wrong);
    return answer;
  }
  const success = new streamsPb.AppendResp.Success();
  success.setCurrentRevision(String(outcome.last));
  const position = new streamsPb.AppendResp.Position();
  position.setCommitPosition(String(outcome.position));
  position.setPreparePosition(String(outcome.position));
  success.setPosition(position);
  answer.setSuccess(success);
  return answer;
}

export function batchAnswer(request: BatchAppendReq, name: string, outcome: Answered): BatchAppendResp {
  const answer = new streamsPb.BatchAppendResp();
  answer.setCorrelationId(request.getCorrelationId());
  answer.setStreamIdentifier(identifierOf(name));
  if (outcome.kind === 'wrong version') {
    const wrong = new sharedPb.WrongExpectedVersion();
    if (outcome.actual !== null) wrong.setCurrentStreamRevision(String(outcome.actual));
    const details = new anyPb.Any();
    details.pack(wrong.serializeBinary(), 'event_store.client.WrongExpectedVersion');
    const status = new statusPb.Status();
    status.setMessage('WrongExpectedVersion');
    status.setDetails(details);
    answer.setError(status);
    return answer;
  }
  const success = new streamsPb.BatchAppendResp.Success();
  success.setCurrentRevision(String(outcome.last));
  const position = new sharedPb.AllStreamPosition();
  position.setCommitPosition(String(outcome.position));
  position.setPreparePosition(String(outcome.position));
  success.setPosition(position);
  answer.setSuccess(success);
  return answer;
}

/** The answer to a refused batch append: its own error, which leaves the other appends of the line alone. */
export function batchRefusal(request: BatchAppendReq, name: string, refusal: Refusal): BatchAppendResp {
  const answer = new streamsPb.BatchAppendResp();
  answer.setCorrelationId(request.getCorrelationId());
  answer.setStreamIdentifier(identifierOf(name));
  const details = new anyPb.Any();
  const content = refusal.inBatch === 'StreamDeleted' ? streamDeletedBytes(name) : new Uint8Array();
  details.pack(content, `event_store.client.${refusal.inBatch ?? 'Unknown'}`);
  const status = new statusPb.Status();
  status.setMessage(refusal.details);
  status.setDetails(details);
  answer.setError(status);
  return answer;
}

function streamDeletedBytes(name: string): Uint8Array {
  const deleted = new sharedPb.StreamDeleted();
  deleted.setStreamIdentifier(identifierOf(name));
  return deleted.serializeBinary();
}

export function deleteAnswer(position: bigint): DeleteResp {
  const at = new streamsPb.DeleteResp.Position();
  at.setCommitPosition(String(position));
  at.setPreparePosition(String(position));
  const answer = new streamsPb.DeleteResp();
  answer.setPosition(at);
  return answer;
}

export function tombstoneAnswer(position: bigint): TombstoneResp {
  const at = new streamsPb.TombstoneResp.Position();
  at.setCommitPosition(String(position));
  at.setPreparePosition(String(position));
  const answer = new streamsPb.TombstoneResp();
  answer.setPosition(at);
  return answer;
}

/** `tellPosition` is false for the stream reads of older servers. */
export function eventAnswer(record: StoredRecord, tellPosition: boolean): ReadResp {
  const event = new streamsPb.ReadResp.ReadEvent.RecordedEvent();
  const id = new sharedPb.UUID();
  id.setString(record.id);
  event.setId(id);
  event.setStreamIdentifier(identifierOf(record.stream));
  event.setStreamRevision(record.revision === TOMBSTONE_REVISION ? '9223372036854775807' : String(record.revision));
  const position = tellPosition ? String(record.position) : UNKNOWN_POSITION;
  event.setCommitPosition(position);
  event.setPreparePosition(position);
  const created = `${record.created}0000`;
  event.getMetadataMap().set('type', record.type).set('content-type', record.contentType).set('created', created);
  event.setData(Uint8Array.from(record.data));
  event.setCustomMetadata(Uint8Array.from(record.metadata));
  const read = new streamsPb.ReadResp.ReadEvent();
  read.setEvent(event);
  if (tellPosition) read.setCommitPosition(position);
  else read.setNoPosition(new sharedPb.Empty());
  const answer = new streamsPb.ReadResp();
  answer.setEvent(read);
  return answer;
}

export function notFoundAnswer(name: string): ReadResp {
  const absent = new streamsPb.ReadResp.StreamNotFound();
  absent.setStreamIdentifier(identifierOf(name));
  const answer = new streamsPb.ReadResp();
  answer.setStreamNotFound(absent);
  return answer;
}

export function confirmationAnswer(id: string): ReadResp {
  const confirmation = new streamsPb.ReadResp.SubscriptionConfirmation();
  confirmation.setSubscriptionId(id);
  const answer = new streamsPb.ReadResp();
  answer.setConfirmation(confirmation);
  return answer;
}

export function checkpointAnswer(position: bigint): ReadResp {
  const checkpoint = new streamsPb.ReadResp.Checkpoint();
  checkpoint.setCommitPosition(String(position));
  checkpoint.setPreparePosition(String(position));
  const answer = new streamsPb.ReadResp();
  answer.setCheckpoint(checkpoint);
  return answer;
}

export function caughtUpAnswer(): ReadResp {
  const answer = new streamsPb.ReadResp();
  answer.setCaughtUp(new streamsPb.ReadResp.CaughtUp());
  return answer;
}

/** Which streams a request lets through. */
export function filterOf(options: ReadReq.Options): (stream: string) => boolean {
  const expression = options.getFilter()?.getStreamIdentifier();
  if (expression === undefined) return () => true;
  const prefixes = expression.getPrefixList();
  if (prefixes.length > 0) return (stream) => prefixes.some((prefix) => stream.startsWith(prefix));
  const regex = new RegExp(expression.getRegex());
  return (stream) => regex.test(stream);
}
