/**
 * Signals with another effect by default than this program gives them: SIGUSR1 opens the inspector of Node, through which every local
 * user could run code here; the others end the process, SIGQUIT with an image of its memory on the disk.
 */
const PASSED_OVER = ['SIGUSR1', 'SIGUSR2', 'SIGQUIT', 'SIGALRM', 'SIGVTALRM', 'SIGIO', 'SIGPWR'] as const;

const nothing = (): void => undefined;

/** From now on these signals do nothing in this process; the first call counts. */
export function passOverSignals(): void {
  for (const signal of PASSED_OVER) if (process.listenerCount(signal) === 0) process.on(signal, nothing);
}

/** Calls `kill` for each SIGUSR2 from now on: a kill that needs no file. Returns what takes that back. */
export function onKillSignal(kill: (signal: string) => void): () => void {
  const heard = (): void => kill('SIGUSR2');
  process.on('SIGUSR2', heard);
  return () => process.off('SIGUSR2', heard);
}
