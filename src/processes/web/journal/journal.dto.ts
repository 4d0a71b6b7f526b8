import { AnyField, PartsField, TextField, WholeField } from '../common/fields.js';
import { PageQuery } from '../common/paging.js';

export class EventsQueryInput extends PageQuery {
  @TextField({ says: 'Types by comma.', max: 500, optional: true, example: 'OrderFilled,PositionClosed' })
  type?: string;

  @TextField({ says: 'Beginning of the stream names.', max: 120, optional: true, example: 'order-' })
  stream?: string;

  @TextField({ says: 'Only events of this correlation.', max: 200, optional: true })
  correlation?: string;
}

export class EventAnswer {
  @TextField({ says: 'Place in the journal; opaque.', max: 60 })
  position!: string;

  @TextField({ says: 'Id.', max: 60 })
  id!: string;

  @TextField({ says: 'Type.', max: 60 })
  type!: string;

  @WholeField({ says: 'Version of its schema.', max: 1_000 })
  schemaVersion!: number;

  @TextField({ says: 'Stream.', max: 140 })
  stream!: string;

  @WholeField({ says: 'Place in the stream, from 0.', max: Number.MAX_SAFE_INTEGER })
  revision!: number;

  @TextField({ says: 'When the world did it, UTC.', max: 30 })
  occurredAt!: string;

  @TextField({ says: 'When it was written, UTC.', max: 30 })
  recordedAt!: string;

  @AnyField({ says: 'Actor, correlation, cause, session.' })
  meta!: object;

  @AnyField({ says: 'What its schema says.' })
  data!: object;

  @TextField({ says: 'Hash in the chain.', max: 64 })
  hash!: string;
}

export class EventsAnswer {
  @PartsField(() => EventAnswer, { says: 'Newest first.', max: 200 })
  items!: readonly EventAnswer[];

  @TextField({ says: 'Cursor for older ones; null at the beginning.', max: 60, nullable: true })
  nextCursor!: string | null;
}
