import type { ChildName } from './messages.js';

/** The built program of a child; `root` is the folder of the project. */
export function programFile(root: string, name: ChildName): string {
  return `${root}/dist/program/${name}-process.js`;
}

/** Where Node keeps the compiled code of the built program for the next start of any of its processes; one that it cannot write is not used. */
export function compileCache(root: string): string {
  return `${root}/dist/.compile-cache`;
}
