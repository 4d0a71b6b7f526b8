const LONGEST = 120;

/** Who owned a bot last, in words, from its ownership events, newest first; undefined when none of them names an owner. */
export function ownerText(events: readonly unknown[]): string | undefined {
  for (const data of events) {
    const owner = fieldsOf(fieldsOf(data)['owner']);
    const machine = textOf(owner['machine']);
    const home = textOf(owner['home']);
    if (machine !== undefined) return home === undefined ? machine : `${machine} (${home})`;
  }
  return undefined;
}

/** What another program wrote may have any shape. */
function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value.slice(0, LONGEST) : undefined;
}
