import { TradeBotError } from '../../kernel/errors.js';
import type { CheckResult } from '../../strategies/strategy.js';

/** One fault: what is wrong, and what to do about it. Never a secret value. */
export interface Fault {
  readonly cause: string;
  readonly remedy: string;
}

/** A check before launch. No faults means success. It may throw: the error is then its fault. */
export interface NamedCheck {
  readonly module: string;
  readonly run: () => readonly Fault[] | Promise<readonly Fault[]>;
}

/**
 * TRD-33, RUN-21: runs every check, also after a failure, and returns one result per fault, or one per check without
 * faults.
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
    const cause = `the check failed: ${typeof message === 'string' ? message : String(error)}`;
    return [{ cause, remedy: 'Report this with the log; nothing was changed.' }];
  }
}
