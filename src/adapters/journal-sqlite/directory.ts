import type Database from 'better-sqlite3';

/** One of the two dictionaries of the file: names to small numbers, and back. */
export interface Dictionary {
  idOf(name: string): number | undefined;
  nameOf(id: number): string | undefined;
}

/** Names in the cache; a journal may have a stream for every order it ever sent. */
const CACHE_LIMIT = 65_536;

/** Reads `streams` and `types`. A committed name never changes, so it may be cached. */
export function dictionary(
  db: Database.Database,
  table: 'streams' | 'types',
  key: 'stream_id' | 'type_id',
): Dictionary {
  const byName = db.prepare<[string], number>(`SELECT ${key} FROM ${table} WHERE name = ?`).pluck();
  const byId = db.prepare<[number], string>(`SELECT name FROM ${table} WHERE ${key} = ?`).pluck();
  const names = new Map<number, string>();
  return {
    idOf: (name) => byName.get(name),
    nameOf(id) {
      const known = names.get(id);
      if (known !== undefined) return known;
      const name = byId.get(id);
      if (name === undefined) return undefined;
      if (names.size >= CACHE_LIMIT) names.clear();
      names.set(id, name);
      return name;
    },
  };
}
