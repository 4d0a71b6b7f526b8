import sharedPb from '@eventstore/db-client/generated/shared_pb.js';
import streamsPb from '@eventstore/db-client/generated/streams_pb.js';
import type { ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { StreamName } from '../../events/event.js';
import { sha256Hex } from '../../kernel/hash.js';
import { knownPosition, type LogPosition } from './esdb-position.js';
import type { EsdbRecord } from './event-record.js';

export type StreamFilter = { readonly prefixes: readonly string[] } | { readonly exactly: string };

/** What to read; the client's own `readAll` cannot filter, though the protocol can. */
export type ReadSpec = { readonly backwards: boolean; readonly count: number } & (
  { readonly of: 'stream'; readonly stream: string; readonly from: number | 'start' | 'end' } | AllSpec
);

export interface AllSpec {
  readonly of: 'all';
  /** For a forward read: at or after; backward: before; for a subscription: after. */
  readonly from: LogPosition | 'start' | 'end';
  readonly filter?: StreamFilter;
}

const { ReadDirection } = streamsPb.ReadReq.Options;
/** Events that the server examines in one step when few of them match. */
const SEARCH_WINDOW = 1_000;
/** Multiplied by the window: how often a quiet filter reports its progress. */
const CHECKPOINT_INTERVAL = 32;

const empty = () => new sharedPb.Empty();

export function readRequest(spec: ReadSpec): ReadReq {
  const options = baseOptions(spec.of === 'all' ? spec : undefined);
  options.setReadDirection(spec.backwards ? ReadDirection.BACKWARDS : ReadDirection.FORWARDS);
  options.setCount(String(spec.count));
  if (spec.of === 'stream') options.setStream(streamOptions(spec.stream, spec.from));
  return requestOf(options);
}

export function subscribeRequest(spec: AllSpec): ReadReq {
  const options = baseOptions(spec);
  options.setReadDirection(ReadDirection.FORWARDS);
  options.setSubscription(new streamsPb.ReadReq.Options.SubscriptionOptions());
  return requestOf(options);
}

function requestOf(options: ReadReq.Options): ReadReq {
  const request = new streamsPb.ReadReq();
  request.setOptions(options);
  return request;
}

function baseOptions(all: AllSpec | undefined): ReadReq.Options {
  const options = new streamsPb.ReadReq.Options();
  const uuid = new streamsPb.ReadReq.Options.UUIDOption();
  uuid.setString(empty());
  options.setUuidOption(uuid);
  options.setResolveLinks(false);
  if (all !== undefined) options.setAll(allOptions(all.from));
  if (all?.filter === undefined) options.setNoFilter(empty());
  else options.setFilter(filterOptions(all.filter));
  return options;
}

function allOptions(from: AllSpec['from']): ReadReq.Options.AllOptions {
  const all = new streamsPb.ReadReq.Options.AllOptions();
  if (from === 'start') all.setStart(empty());
  else if (from === 'end') all.setEnd(empty());
  else {
    const position = new streamsPb.ReadReq.Options.Position();
    position.setCommitPosition(String(from.commit));
    position.setPreparePosition(String(from.prepare));
    all.setPosition(position);
  }
  return all;
}

function streamOptions(name: string, from: number | 'start' | 'end'): ReadReq.Options.StreamOptions {
  const stream = new streamsPb.ReadReq.Options.StreamOptions();
  const identifier = new sharedPb.StreamIdentifier();
  identifier.setStreamName(Uint8Array.from(Buffer.from(name)));
  stream.setStreamIdentifier(identifier);
  if (from === 'start') stream.setStart(empty());
  else if (from === 'end') stream.setEnd(empty());
  else stream.setRevision(String(from));
  return stream;
}

function filterOptions(filter: StreamFilter): ReadReq.Options.FilterOptions {
  const expression = new streamsPb.ReadReq.Options.FilterOptions.Expression();
  if ('prefixes' in filter) expression.setPrefixList([...filter.prefixes]);
  else expression.setRegex(`^${filter.exactly.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`);
  const options = new streamsPb.ReadReq.Options.FilterOptions();
  options.setStreamIdentifier(expression);
  options.setMax(SEARCH_WINDOW);
  options.setCheckpointintervalmultiplier(CHECKPOINT_INTERVAL);
  return options;
}

/** The streams of settings begin so, before the name of their stream. */
export const SETTINGS_OF = '$$';
/** What takes the place of bytes that are no text. */
const NO_TEXT = '\uFFFD';

/** The event of an answer; undefined for an answer without one. `prefix` is removed from its stream's name. */
export function recordOf(response: ReadResp, prefix: string): EsdbRecord | undefined {
  const event = response.getEvent()?.getEvent();
  if (event === undefined) return undefined;
  const name = Buffer.from(event.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString('utf8');
  const own = name.startsWith(SETTINGS_OF) ? SETTINGS_OF + name.slice(SETTINGS_OF.length + prefix.length) : undefined;
  const data = Buffer.from(event.getData_asU8()).toString('utf8');
  const metadata = Buffer.from(event.getCustomMetadata_asU8()).toString('utf8');
  const binary = data.includes(NO_TEXT) || metadata.includes(NO_TEXT);
  return {
    stream: (own ?? name.slice(prefix.length)) as StreamName,
    revision: Number(event.getStreamRevision()),
    type: event.getMetadataMap().get('type') ?? '',
    serverId: event.getId()?.getString() ?? '',
    position: knownPosition(event.getCommitPosition(), event.getPreparePosition()),
    data,
    metadata,
    ticks: event.getMetadataMap().get('created') ?? '',
    ...(binary
      ? { digest: sha256Hex(sha256Hex(event.getData_asU8()) + sha256Hex(event.getCustomMetadata_asU8())) }
      : {}),
  };
}

/** How far a filtered subscription has read. */
export function checkpointOf(response: ReadResp): LogPosition | undefined {
  const checkpoint = response.getCheckpoint();
  if (checkpoint === undefined) return undefined;
  return knownPosition(checkpoint.getCommitPosition(), checkpoint.getPreparePosition()) ?? undefined;
}
