import { isClientOrderId, type ClientOrderId } from '../../events/names.js';

/** A tag may have this many characters; the longest client order id has 96, which are 192 at most here. */
const LONGEST_TAG = 255;

/**
 * The tag of an order: its client order id in the characters that the broker takes, A-Z, a-z, 0-9 and `-`. A dash is written
 * `--` and an underscore `-u`, so that the id can be read back.
 */
export function tagOf(id: ClientOrderId): string {
  return id.replace(/[-_]/g, (mark) => (mark === '-' ? '--' : '-u'));
}

/** The client order id that a tag spells; undefined for a tag of another program or of a person. */
export function idOfTag(tag: string): ClientOrderId | undefined {
  if (tag.length > LONGEST_TAG || !/^(?:[A-Za-z0-9]|--|-u)+$/.test(tag)) return undefined;
  const id = tag.replace(/--|-u/g, (pair) => (pair === '--' ? '-' : '_'));
  return isClientOrderId(id) ? id : undefined;
}
