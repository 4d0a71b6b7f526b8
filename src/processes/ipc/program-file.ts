import type { ChildName } from './messages.js';

/** The built program of a child; `root` is the folder of the project. */
export function programFile(root: string, name: ChildName): string {
  return `${root}/dist/src/processes/${name}/${name}-process.js`;
}
