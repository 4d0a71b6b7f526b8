import { TradeBotError } from '../../kernel/errors.js';
import type { CheckResult } from '../../strategies/strategy.js';

/** One thing that is wrong: what, and what to do about it. Never a value of a secret. */
export interface Fault {
  readonly cause: string;
  readonly remedy: string;
}

/** Something to be looked at before launch. No faults: all is well. It may throw: then that is its fault. */
export interface NamedCheck {
  readonly module: string;
  readonly run: () => readonly Fault[] | Promise<readonly Fault[]>;
}

/**
 * TRD-33, RUN-21: runs every check, also after one that failed, and answers with one result a fault, or one a check that
 * found none.
 */
export async function runBuildCheck(checks: readonly NamedCheck[]): Promise<readonly CheckResult[]> {
  const results = await Promise.all(checks.map(async ({ module, run }) => resultsOf(module, await faultsOf(run))));
  return results.flat();
}

function resultsOf(module: string, faults: readonly Fault[]): readonly CheckResult[] {
  if (faults.length === 0) return [{ module, ok: true, cause: '', remedy: '' }];
  return faults.map(({ cause, remedy }) => ({ module, ok: false, cause, remedy }));
}

async function faultsOf(run: NamedCheck['run']): Promise<readonly Fault[]> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof TradeBotError) return [{ cause: error.message, remedy: error.remedy }];
    const { message } = error as { readonly message?: unknown };
    const cause = `it could not be looked at: ${typeof message === 'string' ? message : String(error)}`;
    return [{ cause, remedy: 'Report this with the log; nothing was changed.' }];
  }
}
