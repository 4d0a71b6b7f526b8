import { createRequire } from 'node:module';

type Status = Readonly<Record<string, unknown>>;

/** control.cjs, which is plain JavaScript because any Node must run it without a build. */
export const controlProgram = createRequire(import.meta.url)('../../../src/processes/cli/control.cjs') as {
  readonly AT_REST: readonly string[];
  readonly COMMANDS: Readonly<Record<string, { readonly does: string; readonly ends?: readonly string[] }>>;
  isControl(args: readonly string[]): boolean;
  pathsOf(home: string): Readonly<Record<string, string>>;
  statusLines(status: Status): readonly (readonly [string, string])[];
};
