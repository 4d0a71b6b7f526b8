import { unprocessable } from './problem.js';
import { TextField, WholeField } from './fields.js';

/** One page of a list. `nextCursor` null: there is no more. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

export const DEFAULT_PAGE = 50;
export const LARGEST_PAGE = 200;

/** Query of every list. Extend it for filters. */
export class PageQuery {
  @WholeField({ description: 'Maximum number of entries.', min: 1, max: LARGEST_PAGE, optional: true, example: 50 })
  limit?: number;

  @TextField({ description: 'nextCursor of the previous page.', max: 500, optional: true })
  cursor?: string;
}

/** Opaque to callers. `list` names the list and its order: the cursor of another one is none. */
export function makeCursor(list: string, parts: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify([list, ...parts]), 'utf8').toString('base64url');
}

/** The parts that `makeCursor` got; undefined without a cursor. Throws a Problem 422 for one that no list gave. */
export function readCursor(
  list: string,
  cursor: string | undefined,
  parts: number,
): readonly (string | number)[] | undefined {
  if (cursor === undefined) return undefined;
  const value = parsed(cursor);
  const fits =
    Array.isArray(value) &&
    value.length === parts + 1 &&
    value.every((part) => typeof part === 'string' || typeof part === 'number');
  if (!fits || value[0] !== list) throw badCursor();
  return value.slice(1);
}

/** What is none of the cursors that the list gave. */
export function badCursor(): Error {
  return unprocessable([{ field: 'cursor', message: 'is not a nextCursor of this list' }]);
}

function parsed(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}

/** A page of a list that was read with one entry more than `limit`: the extra entry shows that there is more. */
export function pageOf<T>(found: readonly T[], limit: number, cursorOf: (last: T) => string): Page<T> {
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return { items, nextCursor: found.length > limit && last !== undefined ? cursorOf(last) : null };
}
