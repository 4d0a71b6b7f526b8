import type { Position } from '../../../events/event.js';
import type { Uuid } from '../../../kernel/hash.js';
import type { BookCodes } from '../book-codes.js';
import type { Mapping } from '../mapping.js';

/** The event that a group is made from, and the tables that it is made with. */
export interface PostingSource {
  readonly codes: BookCodes;
  readonly mapping: Mapping;
  readonly eventId: Uuid;
  readonly position: Position;
  readonly batchId: Uuid;
}
