import { createRequire } from 'node:module';

type Status = Readonly<Record<string, unknown>>;
const load = createRequire(import.meta.url);

/** control.cjs, which is plain JavaScript because any Node must run it without a build. */
export const controlProgram = load('../../../src/processes/cli/control.cjs') as {
  readonly COMMANDS: Readonly<Record<string, { readonly does: string; readonly ends?: readonly string[] }>>;
  harmless(text: string): string;
  isControl(args: readonly string[]): boolean;
  pathsOf(home: string): Readonly<Record<string, string>>;
};

export interface Seen {
  readonly identity: string | null;
  readonly holder: { readonly pid: number; readonly command: string; readonly since: string } | null;
  readonly orphan: { readonly alive: boolean; readonly open?: readonly string[] } | null;
  readonly state: string | null;
  readonly found: Status | null;
  readonly health: unknown;
  readonly at: number;
}

interface Standing {
  readonly overall: string | null;
  readonly conditions: readonly { readonly code: string; readonly text: string }[];
  readonly briefing?: unknown;
}

/** status.cjs: what `tradebot status` shows, of what control.cjs has read. */
export const statusProgram = load('../../../src/processes/cli/status.cjs') as {
  readonly AT_REST: readonly string[];
  readonly BEFORE_SETUP: readonly string[];
  standing(seen: Seen): Standing;
  briefingLines(seen: Seen, now: Standing): readonly (readonly [string, string])[];
  conditionLines(now: Standing): readonly (readonly [string, string])[];
  statusLines(status: Status): readonly (readonly [string, string])[];
};
