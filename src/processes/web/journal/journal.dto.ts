import { AnyField, FlagField, PartsField, TextField, WholeField } from '../common/fields.js';
import { PageQuery } from '../common/paging.js';

/** Characters of a message that an answer has, at most. */
export const MOST_FRAME_CHARS = 100_000;

/** Ids of events are those of the appenders: digests and names with separators. */
export const EVENT_ID = /^[A-Za-z0-9][A-Za-z0-9:._-]{0,99}$/;

export class EventsQueryInput extends PageQuery {
  @TextField({
    description: 'Event types, separated by commas.',
    max: 500,
    optional: true,
    example: 'OrderFilled,PositionClosed',
  })
  type?: string;

  @TextField({ description: 'Prefix of the stream name.', max: 120, optional: true, example: 'order-' })
  stream?: string;

  @TextField({
    description: 'Name of one stream, whole; replaces its prefix.',
    max: 140,
    optional: true,
    example: 'position-AIG',
  })
  streamName?: string;

  @TextField({ description: 'Correlation id.', max: 200, optional: true })
  correlation?: string;

  @TextField({
    description: 'Position of the journal: its events until then.',
    max: 60,
    optional: true,
    example: '412',
  })
  asof?: string;
}

export class EventAnswer {
  @TextField({ description: 'Position in the journal; opaque.', max: 60 })
  position!: string;

  @TextField({ description: 'Id.', max: 60 })
  id!: string;

  @TextField({ description: 'Type.', max: 60 })
  type!: string;

  @WholeField({ description: 'Version of its schema.', max: 1_000 })
  schemaVersion!: number;

  @TextField({ description: 'Stream.', max: 140 })
  stream!: string;

  @WholeField({ description: 'Revision in the stream, from 0.', max: Number.MAX_SAFE_INTEGER })
  revision!: number;

  @TextField({ description: 'Time of the event, UTC.', max: 30 })
  occurredAt!: string;

  @TextField({ description: 'Time of recording, UTC.', max: 30 })
  recordedAt!: string;

  @AnyField({ description: 'Actor, correlation, cause, session.' })
  meta!: object;

  @AnyField({ description: 'Data of the event, as in its schema.' })
  data!: object;

  @TextField({ description: 'Hash in the chain.', max: 64 })
  hash!: string;

  @TextField({
    description: 'Address of the message of the broker that the event was made from; null for an event without one.',
    max: 200,
    nullable: true,
  })
  frame!: string | null;
}

export class FrameAnswer {
  @TextField({ description: 'Id of the event.', max: 100 })
  eventId!: string;

  @TextField({ description: 'Type of the event.', max: 60 })
  type!: string;

  @TextField({ description: 'When the message came, UTC.', max: 30 })
  at!: string;

  @TextField({ description: 'Who sent it.', max: 60 })
  source!: string;

  @TextField({ description: 'How it came: a request or a stream.', max: 400 })
  channel!: string;

  @TextField({ description: 'Digest of the kept text, as in the event.', max: 64 })
  sha256!: string;

  @TextField({
    description: 'The message as it came; what opens or names the account is masked.',
    max: MOST_FRAME_CHARS,
  })
  text!: string;

  @FlagField({ description: 'Whether the text is longer and was cut; tradebot raw prints all of it.' })
  cut!: boolean;
}

export class EventsAnswer {
  @PartsField(() => EventAnswer, { description: 'Newest first.', max: 200 })
  items!: readonly EventAnswer[];

  @TextField({ description: 'Cursor for older events; null at the beginning of the journal.', max: 60, nullable: true })
  nextCursor!: string | null;
}
