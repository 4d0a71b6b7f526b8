import type { Position } from '../../../events/event.js';
import type { Uuid } from '../../../kernel/hash.js';
import type { BookCodes } from '../book-codes.js';
import type { Mapping } from '../mapping.js';

/** Source event of a group, and the tables used to post it. */
export interface PostingSource {
  readonly codes: BookCodes;
  readonly mapping: Mapping;
  readonly eventId: Uuid;
  readonly position: Position;
  readonly batchId: Uuid;
}
