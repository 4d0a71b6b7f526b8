import { readFileSync } from 'node:fs';
import { provisionHome, type ProvisionHomeOptions } from '../../src/processes/worker/provision-home.js';
import type { SetupForm } from '../../src/app/provisioning/setup-form.js';
import { basePaths, homePaths, type BasePaths, type HomePaths } from '../../src/domain/home/home-paths.js';
import { composeBotIdentity, type BotIdentity } from '../../src/kernel/identity.js';

/** Identity of the homes that tests set up. */
export const TEST_PARTS = { entityCode: 'DEMO', jurisdictionCode: 'US', brokerCode: 'SIM', botId: 'B01' } as const;
/** The version of this program; on a home of another version it refuses to trade (RUN-37). */
export const TEST_VERSION = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { readonly version: string }
).version;

/** A form without faults; members of `over` replace the others. */
export function setupForm(over: Partial<SetupForm> = {}): SetupForm {
  return {
    identity: TEST_PARTS,
    broker: 'SIM',
    brokerCredentials: {},
    openingFloat: '25000.00',
    symbols: ['SPY', 'AAPL'],
    smtp: {},
    journalServer: {},
    settings: {},
    ...over,
  };
}

export interface ProvisionedHome {
  readonly home: string;
  readonly identity: BotIdentity;
  readonly paths: HomePaths;
  readonly base: BasePaths;
}

/**
 * Sets up `home` (such as one of `temporaryHome()`) in this process, up to the state `registration`: vault, marker,
 * journal, databases, chart, settings. About 50 ms. Takes the version of the program unless another is given.
 */
export async function provisionTestHome(
  home: string,
  over: Partial<SetupForm> = {},
  options: Partial<Omit<ProvisionHomeOptions, 'home' | 'form'>> = {},
): Promise<ProvisionedHome> {
  const form = setupForm(over);
  await provisionHome({
    home,
    form,
    versionTag: TEST_VERSION,
    actor: 'system:test',
    masterKeyFile: null,
    ...options,
  });
  const identity = composeBotIdentity(form.identity);
  return { home, identity, paths: homePaths(home, identity), base: basePaths(home) };
}
