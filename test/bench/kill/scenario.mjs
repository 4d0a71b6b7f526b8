/** How the processes of a kill bench get their scenario and record broker calls. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';

/** Files next to the home, found by its path. */
export const scenarioFile = (home) => `${home}.scenario`;
export const stampFile = (home) => `${home}.stamps`;
/** The strategy loops, or the broker is slow, while it is there. */
export const triggerFile = (home) => `${home}.trigger`;

export function scenarioOf(home) {
  return existsSync(scenarioFile(home)) ? readFileSync(scenarioFile(home), 'utf8') : 'template';
}

/** One line a happening, with the monotonic clock that all processes of a machine share. */
export function stamp(home, what, detail = '') {
  appendFileSync(stampFile(home), `${process.hrtime.bigint()} ${what} ${detail}\n`);
}
