import { AnyField, PartsField, TextField, WholeField } from '../common/fields.js';
import { PageQuery } from '../common/paging.js';

export class EventsQueryInput extends PageQuery {
  @TextField({ description: 'Types by comma.', max: 500, optional: true, example: 'OrderFilled,PositionClosed' })
  type?: string;

  @TextField({ description: 'Beginning of the stream names.', max: 120, optional: true, example: 'order-' })
  stream?: string;

  @TextField({ description: 'Only events of this correlation.', max: 200, optional: true })
  correlation?: string;
}

export class EventAnswer {
  @TextField({ description: 'Place in the journal; opaque.', max: 60 })
  position!: string;

  @TextField({ description: 'Id.', max: 60 })
  id!: string;

  @TextField({ description: 'Type.', max: 60 })
  type!: string;

  @WholeField({ description: 'Version of its schema.', max: 1_000 })
  schemaVersion!: number;

  @TextField({ description: 'Stream.', max: 140 })
  stream!: string;

  @WholeField({ description: 'Place in the stream, from 0.', max: Number.MAX_SAFE_INTEGER })
  revision!: number;

  @TextField({ description: 'When the world did it, UTC.', max: 30 })
  occurredAt!: string;

  @TextField({ description: 'When it was written, UTC.', max: 30 })
  recordedAt!: string;

  @AnyField({ description: 'Actor, correlation, cause, session.' })
  meta!: object;

  @AnyField({ description: 'What its schema says.' })
  data!: object;

  @TextField({ description: 'Hash in the chain.', max: 64 })
  hash!: string;
}

export class EventsAnswer {
  @PartsField(() => EventAnswer, { description: 'Newest first.', max: 200 })
  items!: readonly EventAnswer[];

  @TextField({ description: 'Cursor for older ones; null at the beginning.', max: 60, nullable: true })
  nextCursor!: string | null;
}
