/** A JSON Schema as data. */
export type Schema = Readonly<Record<string, unknown>>;

/** Keys with their own rules of growth; every other key must stay as released. */
const GROWING = new Set(['properties', 'required', 'enum', 'items', 'anyOf', 'additionalProperties']);

/**
 * Everything accepted by the released schema that this one no longer accepts or renames (JRN-12: schemas only grow).
 * Each finding is a JSON pointer and what happened there. New optional members and new values of an enum are growth.
 */
export function breaks(released: unknown, current: unknown, at = ''): readonly string[] {
  if (!isSchema(released) || !isSchema(current)) return same(released, current) ? [] : [`${at} was changed`];
  const others = [...new Set([...Object.keys(released), ...Object.keys(current)])].filter((key) => !GROWING.has(key));
  return [
    ...others.filter((key) => !same(released[key], current[key])).map((key) => `${at}/${key} was changed`),
    ...brokenMembers(released, current, at),
    ...brokenChoices(released, current, at),
    ...(same(released['items'], current['items']) ? [] : breaks(released['items'], current['items'], `${at}/items`)),
    ...brokenExtras(released['additionalProperties'], current['additionalProperties'], at),
  ];
}

function brokenMembers(released: Schema, current: Schema, at: string): readonly string[] {
  const before = membersOf(released);
  const now = membersOf(current);
  const gone = Object.keys(before).filter((name) => now[name] === undefined);
  const demanded = listOf(current['required']).filter((name) => !listOf(released['required']).includes(name));
  const dropped = listOf(released['required']).filter((name) => !listOf(current['required']).includes(name));
  return [
    ...gone.map((name) => `${at}/properties/${name} was removed`),
    ...demanded.map((name) => `${at}/required now demands ${String(name)}`),
    ...dropped.map((name) => `${at}/required no longer promises ${String(name)}`),
    ...Object.keys(before).flatMap((name) =>
      now[name] === undefined ? [] : breaks(before[name], now[name], `${at}/properties/${name}`),
    ),
  ];
}

function brokenChoices(released: Schema, current: Schema, at: string): readonly string[] {
  const lost = listOf(released['enum']).filter((value) => !listOf(current['enum']).includes(value));
  const narrowed = released['enum'] === undefined && current['enum'] !== undefined;
  const options = listOf(current['anyOf']);
  const closed = listOf(released['anyOf']).filter(
    (option) => !options.some((candidate) => breaks(option, candidate).length === 0),
  );
  return [
    ...lost.map((value) => `${at}/enum lost ${JSON.stringify(value)}`),
    ...(narrowed ? [`${at}/enum was added`] : []),
    ...(closed.length > 0 || (released['anyOf'] === undefined) !== (current['anyOf'] === undefined)
      ? [`${at}/anyOf was changed`]
      : []),
  ];
}

function brokenExtras(released: unknown, current: unknown, at: string): readonly string[] {
  if (same(released, current) || released === false) return [];
  return breaks(released, current, `${at}/additionalProperties`);
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function membersOf(schema: Schema): Readonly<Record<string, unknown>> {
  const { properties } = schema;
  return isSchema(properties) ? properties : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isSchema(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  );
}
