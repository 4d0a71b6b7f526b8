import type { FigureOf } from '../../parts/figure.js';

/** A figure that differs between two moments; null where it is not there. */
export interface Change {
  readonly path: string;
  /** The same as a field of the status with dots, without the names of entries of a list. */
  readonly field: string;
  readonly of: FigureOf;
  readonly a: string | null;
  readonly b: string | null;
}

interface Leaf {
  readonly field: string;
  readonly of: FigureOf;
  readonly value: string;
}

/** Where a value stands. */
interface Place {
  readonly path: string;
  readonly field: string;
  readonly of: FigureOf;
}

/** Parts that name the moment itself, and older names of members that stand next to them. */
const LEFT_OUT = /^(as_of|uptime_seconds|(daily|cumulative) PnL$)/;
/** Members that name an entry of a list, in this order. */
const KEYS = ['ticker', 'symbol', 'signal_id', 'name', 'key', 'code'];
const TOP: Place = { path: '', field: '', of: {} };

/** The figures that differ, in the order of the first status. */
export function changesOf(a: object, b: object): { readonly changes: readonly Change[]; readonly all: number } {
  const [before, after] = [leavesOf(a), leavesOf(b)];
  const paths = [...new Set([...before.keys(), ...after.keys()])].filter((path) => !LEFT_OUT.test(path));
  const changes = paths.flatMap((path): readonly Change[] => {
    const [x, y] = [before.get(path), after.get(path)];
    const { field = '', of = {} } = x ?? y ?? {};
    return x?.value === y?.value ? [] : [{ path, field, of, a: x?.value ?? null, b: y?.value ?? null }];
  });
  return { changes, all: paths.length };
}

/** Each value of a status by its path; entries of a list by what names them. */
function leavesOf(value: unknown, at = TOP, found = new Map<string, Leaf>()): ReadonlyMap<string, Leaf> {
  const { path, field, of } = at;
  if (typeof value !== 'object' || value === null) {
    if (value !== null && value !== undefined)
      found.set(path, { field, of, value: typeof value === 'string' ? value : JSON.stringify(value) });
    return found;
  }
  for (const [key, entry] of Object.entries(value)) {
    const name = Array.isArray(value) ? nameIn(entry, key) : key;
    leavesOf(
      entry,
      {
        path: path === '' ? name : `${path} ${name}`,
        field: Array.isArray(value) ? field : field === '' ? name : `${field}.${name}`,
        of: ofNamed(of, field, name, entry),
      },
      found,
    );
  }
  return found;
}

/** What an entry is of, by the field that it is in. */
function ofNamed(of: FigureOf, field: string, name: string, entry: unknown): FigureOf {
  if (field === 'open_positions' && typeof entry === 'object') return { ...of, symbol: name };
  if (field === 'win_rates.per_strategy') return { ...of, strategy: name };
  return field === 'thresholds' ? { ...of, setting: name } : of;
}

function nameIn(entry: unknown, at: string): string {
  if (typeof entry !== 'object' || entry === null) return String(Number(at) + 1);
  const key = KEYS.find((one) => typeof (entry as Readonly<Record<string, unknown>>)[one] === 'string');
  return key === undefined ? String(Number(at) + 1) : String((entry as Readonly<Record<string, unknown>>)[key]);
}
