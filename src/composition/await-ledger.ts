import { setTimeout as pause } from 'node:timers/promises';
import { readCheckpoint } from '../adapters/projection-targets/read-checkpoint.js';
import { PROJECTIONS_BEHIND } from '../app/day/session-deps.js';
import type { EngineState } from '../domain/session/engine-state.js';

/** How long the engine waits for the projector to process the last events of a session (machine time). */
const LEDGER_WITHIN_MS = 15_000;
const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 250;

/** Pauses that double up to the longest one, until they add up to the bound. */
function pauses(withinMs: number): readonly number[] {
  const all: number[] = [];
  for (let next = FIRST_PAUSE_MS, sum = 0; sum < withinMs; next = Math.min(LONGEST_PAUSE_MS, next * 2)) {
    all.push(next);
    sum += next;
  }
  return all;
}

/**
 * Waits until the ledger file contains every event that the engine has folded. Returns `behind` when that takes longer
 * than `withinMs` of machine time: the engine then relies on its own book.
 */
export async function awaitLedger(
  ledgerDb: string,
  state: Pick<EngineState, 'lastPosition'>,
  withinMs = LEDGER_WITHIN_MS,
): Promise<'caught up' | typeof PROJECTIONS_BEHIND> {
  const wanted = state.lastPosition;
  if (wanted === undefined) return 'caught up';
  for (const ms of [0, ...pauses(withinMs)]) {
    if (ms > 0) await pause(ms);
    const seen = readCheckpoint(ledgerDb, 'ledger')?.position ?? null;
    if (seen !== null && seen >= wanted) return 'caught up';
  }
  return PROJECTIONS_BEHIND;
}
