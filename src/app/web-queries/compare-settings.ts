import type { Position, RecordedEvent } from '../../events/event.js';
import type { Journal } from '../../ports/journal.js';

type Changed = RecordedEvent<'ConfigChanged'>;

/** A setting whose value differs between two positions. */
export interface SettingCompared {
  readonly key: string;
  /** Null where it was not set, or is a secret. */
  readonly a: string | null;
  readonly b: string | null;
  readonly secret: boolean;
  /** The change that made its later value. */
  readonly event: Changed;
}

/** The configurations at two positions next to each other. */
export interface SettingsCompared {
  /** By key. */
  readonly changed: readonly SettingCompared[];
  /** Settings that either of them has. */
  readonly all: number;
  /** The first change from the earlier position on that touches a setting that differs; null when none differs. */
  readonly first: Changed | null;
}

interface Value {
  readonly value: string | null;
  readonly digest: string | undefined;
  readonly secret: boolean;
  readonly event: Changed;
}

type Values = ReadonlyMap<string, Value>;

/** Compares the settings at `a` with those at `b`; undefined: those of the set-up, and those at the head. */
export async function compareSettings(
  journal: Pick<Journal, 'readAll'>,
  { a: asked, b }: { readonly a: Position | undefined; readonly b: Position | undefined },
): Promise<SettingsCompared> {
  const changes = await changesOf(journal);
  const a = asked ?? changes[0]?.position;
  if (a === undefined) return { changed: [], all: 0, first: null };
  const [before, after] = [valuesAt(changes, a), valuesAt(changes, b)];
  const isLater = b === undefined || a <= b;
  const keys = [...new Set([...before.keys(), ...after.keys()])].sort();
  const changed = keys.flatMap((key): readonly SettingCompared[] => {
    const [x, y] = [before.get(key), after.get(key)];
    if (x?.value === y?.value && x?.digest === y?.digest) return [];
    const event = ((isLater ? y : x) ?? y ?? x)?.event;
    if (event === undefined) return [];
    const secret = x?.secret === true || y?.secret === true;
    return [{ key, a: x?.value ?? null, b: y?.value ?? null, secret, event }];
  });
  const differs = new Set(changed.map(({ key }) => key));
  const earlier = isLater ? a : b;
  const first = changes.find(
    ({ position, data }) => position > earlier && data.changes.some(({ key }) => differs.has(key)),
  );
  return { changed, all: keys.length, first: first ?? null };
}

const PAGE = 1_000;

async function changesOf(journal: Pick<Journal, 'readAll'>): Promise<readonly Changed[]> {
  const found: Changed[] = [];
  for (let after: Position | undefined; ;) {
    const page = (await journal.readAll({
      ...{ limit: PAGE, filter: { types: ['ConfigChanged'] } },
      ...(after === undefined ? {} : { after }),
    })) as readonly Changed[];
    found.push(...page);
    if (page.length < PAGE) return found;
    after = page.at(-1)?.position;
  }
}

function valuesAt(changes: readonly Changed[], at: Position | undefined): Values {
  const values = new Map<string, Value>();
  for (const event of changes) {
    if (at !== undefined && event.position > at) break;
    for (const { key, to: value, secret, digest } of event.data.changes)
      values.set(key, { value, digest, secret, event });
  }
  return values;
}
