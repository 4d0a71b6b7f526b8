import type { Output } from './output.js';

export interface TerminalOptions {
  /** The npm that started this process; undefined when none did. */
  readonly npmPid: number | undefined;
  readonly output: Pick<Output, 'onTerminalLost'>;
}

const LOOK_MS = 500;

/**
 * Resolves with how the terminal of this process was lost: SIGHUP, which a terminal sends when it is closed and which no
 * longer ends the process, a terminal that takes no output, or the end of the npm that started it.
 */
export function terminalLost({ npmPid, output }: TerminalOptions): Promise<string> {
  return new Promise((resolve) => {
    process.on('SIGHUP', () => resolve('its terminal was closed (SIGHUP)'));
    output.onTerminalLost(() => resolve('its terminal takes no output any more'));
    if (npmPid === undefined) return;
    const timer = setInterval(() => {
      if (process.ppid === npmPid) return;
      clearInterval(timer);
      resolve(`npm (process ${npmPid}), which started it, has ended`);
    }, LOOK_MS);
    timer.unref();
  });
}
