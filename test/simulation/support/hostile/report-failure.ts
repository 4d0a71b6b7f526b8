import { faultsAfter } from './hostile-oracle.js';
import { makeScenario } from './make-scenario.js';
import { playScenario } from './play-scenario.js';
import { shrunk } from './shrink.js';
import type { Scenario } from './scenario.js';

/** Plays a scenario; the broken promises, empty when there are none. A session that cannot be played at all breaks one too. */
export async function brokenBy(scenario: Scenario): Promise<readonly string[]> {
  try {
    return await faultsAfter(await playScenario(scenario));
  } catch (error) {
    return [error instanceof Error ? (error.stack ?? error.message) : String(error)];
  }
}

/** Plays a seed; undefined when every promise was kept, else its number, what was broken, and the least plan that breaks it. */
export async function failureOf(seed: number): Promise<string | undefined> {
  const scenario = makeScenario(seed);
  if ((await brokenBy(scenario)).length === 0) return undefined;
  const least = await shrunk(scenario, async (tried) => (await brokenBy(tried)).length > 0);
  return [`seed=${seed}`, ...(await brokenBy(least)), `plan=${JSON.stringify(least)}`].join('\n  ');
}
