import type { ProcessHealth } from '../ipc/messages.js';

/** What the heartbeat log says of a process. */
export function heartbeatOf({
  process: name,
  state,
  pid,
  restarts,
  rssBytes,
}: ProcessHealth): Readonly<Record<string, string | number | null>> {
  return { name, state, pid, restarts, rssBytes };
}

/** How main itself stands. */
export function mainProcess(facts: {
  readonly pid: number;
  readonly startedAt: string;
  readonly now: string;
  readonly stopping: boolean;
  readonly figures: ProcessHealth['figures'];
  /** Positions that no engine manages. */
  readonly unmanaged: readonly string[];
}): ProcessHealth {
  const { pid, startedAt, now, stopping, figures, unmanaged } = facts;
  return {
    process: 'main',
    state: stopping ? 'stopping' : 'running',
    ...{ pid, startedAt, restarts: 0, aliveAt: now },
    rssBytes: process.memoryUsage.rss(),
    figures: { ...figures, ...(unmanaged.length === 0 ? {} : { unmanaged: unmanaged.join(', ') }) },
  };
}
