/**
 * A record that has its entries and nothing else: no name of an object's prototype, such as `toString`, is found in it.
 * For names that come from outside.
 */
export function bareRecord<T>(entries: Iterable<readonly [string, T]>): Readonly<Record<string, T>> {
  const record = Object.create(null) as Record<string, T>;
  for (const [name, value] of entries) record[name] = value;
  return record;
}
