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
