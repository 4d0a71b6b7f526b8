/** A figure that differs between two moments; null where it is not there. */
export interface Change {
  readonly path: string;
  readonly a: string | null;
  readonly b: string | null;
}

/** Parts that name the moment itself. */
const LEFT_OUT = /^(as_of|uptime_seconds)/;
/** Members that name an entry of a list, in this order. */
const KEYS = ['ticker', 'symbol', 'signal_id', 'name', 'key', 'code'];

/** The figures that differ, in the order of the first status. */
export function changesOf(a: object, b: object): { readonly changes: readonly Change[]; readonly all: number } {
  const [before, after] = [leavesOf(a), leavesOf(b)];
  const paths = [...new Set([...before.keys(), ...after.keys()])].filter((path) => !LEFT_OUT.test(path));
  const changes = paths.flatMap((path): readonly Change[] => {
    const [x, y] = [before.get(path) ?? null, after.get(path) ?? null];
    return x === y ? [] : [{ path, a: x, b: y }];
  });
  return { changes, all: paths.length };
}

/** Each value of a status by its path; entries of a list by what names them. */
function leavesOf(value: unknown, path = '', found = new Map<string, string>()): ReadonlyMap<string, string> {
  if (typeof value !== 'object' || value === null) {
    if (value !== null && value !== undefined)
      found.set(path, typeof value === 'string' ? value : JSON.stringify(value));
    return found;
  }
  for (const [at, entry] of Object.entries(value)) {
    const name = Array.isArray(value) ? nameIn(entry, at) : at;
    leavesOf(entry, path === '' ? name : `${path} ${name}`, found);
  }
  return found;
}

function nameIn(entry: unknown, at: string): string {
  if (typeof entry !== 'object' || entry === null) return String(Number(at) + 1);
  const key = KEYS.find((one) => typeof (entry as Readonly<Record<string, unknown>>)[one] === 'string');
  return key === undefined ? String(Number(at) + 1) : String((entry as Readonly<Record<string, unknown>>)[key]);
}
