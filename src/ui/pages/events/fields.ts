/** A field of the data of an event, as it is shown. */
export interface Field {
  readonly name: string;
  /** `parts`: an object or a list of them. `order`, `event`: an id that leads somewhere. `none`: null or empty. */
  readonly kind: 'text' | 'parts' | 'order' | 'event' | 'none';
  readonly text: string;
  readonly parts: object;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const NOTHING = {};

/** The members of an object or a list in their order; a list of plain values is one line. */
export function fieldsOf(of: object): readonly Field[] {
  const names = Object.entries(of as Readonly<Record<string, unknown>>);
  return names.map(([name, value]) => ({
    name: Array.isArray(of) ? String(Number(name) + 1) : name,
    parts: NOTHING,
    ...shownAs(name, value),
  }));
}

function shownAs(name: string, value: unknown): Pick<Field, 'kind' | 'text'> & Partial<Pick<Field, 'parts'>> {
  if (value === null || value === '') return { kind: 'none', text: value === null ? 'null' : 'empty' };
  if (Array.isArray(value)) {
    if (value.length === 0) return { kind: 'none', text: 'empty list' };
    if (value.every((one) => typeof one !== 'object')) return { kind: 'text', text: value.join(', ') };
    return { kind: 'parts', text: '', parts: value };
  }
  if (typeof value === 'object') {
    const empty = Object.keys(value).length === 0;
    return empty ? { kind: 'none', text: 'empty' } : { kind: 'parts', text: '', parts: value };
  }
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  if (name === 'clientOrderId') return { kind: 'order', text };
  return { kind: UUID.test(text) && name.endsWith('EventId') ? 'event' : 'text', text };
}
