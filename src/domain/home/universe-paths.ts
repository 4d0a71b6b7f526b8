/** Files of the universe in a home (TRD-10, TRD-34). */
export interface UniversePaths {
  readonly dir: string;
  /** What sessions read. */
  readonly published: string;
  readonly raw: string;
  readonly unfiltered: string;
  /** How far a build has come; exists while one is unfinished. */
  readonly partial: string;
  readonly blocklist: string;
  readonly log: string;
  /** Exists while no provider is enabled. */
  readonly waiting: string;
  /** Recorded answers of builds: a source, like the journal. */
  readonly snapshots: string;
  /** A build that has not ended. */
  readonly unfinished: SnapshotPaths;
  /** Answers by their hash, each once. */
  readonly answers: string;
  answer(sha256: string): string;
  snapshot(date: string): SnapshotPaths;
  /** A universe that was made again from the answers of a past date. */
  rebuilt(date: string): string;
  readonly cache: string;
  /** Fundamental figures of a session. */
  fundamentals(date: string): string;
}

export interface SnapshotPaths {
  readonly dir: string;
  readonly head: string;
  readonly lines: string;
}

/** The paths of the universe; `named` refuses a name that would leave its folder. */
export function universePaths(home: string, named: (name: string) => string): UniversePaths {
  const dir = `${home}/output/screeners`;
  const snapshots = `${home}/storage/universe`;
  const cache = `${home}/data/cache`;
  const snapshotIn = (folder: string): SnapshotPaths => ({
    dir: folder,
    head: `${folder}/head.json`,
    lines: `${folder}/answers.jsonl`,
  });
  return {
    ...{ dir, snapshots, cache },
    published: `${dir}/symbol_universe.json`,
    raw: `${dir}/symbol_universe.symbols_raw.json`,
    unfiltered: `${dir}/symbol_universe.unfiltered.json`,
    partial: `${dir}/symbol_universe.partial.json`,
    blocklist: `${dir}/screener_blocklist.txt`,
    log: `${dir}/universe_ops.log`,
    waiting: `${dir}/waiting_for_credentials`,
    unfinished: snapshotIn(`${snapshots}/unfinished`),
    answers: `${snapshots}/answers`,
    answer: (sha256) => `${snapshots}/answers/${named(`${sha256}.gz`)}`,
    snapshot: (date) => snapshotIn(`${snapshots}/${named(date)}`),
    rebuilt: (date) => `${dir}/as_of_${named(date)}/symbol_universe.json`,
    fundamentals: (date) => `${cache}/${named(`fundamentals_${date}.json`)}`,
  };
}
