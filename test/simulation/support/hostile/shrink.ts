import type { HostileFault, Scenario } from './scenario.js';

/** Leaves out every fault without which the scenario still fails; `fails` plays it. */
export async function shrunk(scenario: Scenario, fails: (scenario: Scenario) => Promise<boolean>): Promise<Scenario> {
  let least = scenario;
  for (let at = 0; at < least.faults.length;) {
    const fewer: readonly HostileFault[] = least.faults.filter((_fault, index) => index !== at);
    const tried = { ...least, faults: fewer };
    if (await fails(tried)) least = tried;
    else at += 1;
  }
  for (const simpler of [
    { rejects: 0 },
    { partialFills: 0 },
    { sharedIds: false },
    { restingStops: false },
    { bulk: false },
    { symbols: least.symbols.slice(0, 1) },
  ]) {
    const tried = { ...least, ...simpler };
    if (await fails(tried)) least = tried;
  }
  return least;
}
