import { expect, test } from '@jest/globals';
import { openSimulatedAccount } from '../../../src/composition/simulated-account.js';
import { homePaths } from '../../../src/domain/home/home-paths.js';
import { composeBotIdentity } from '../../../src/kernel/identity.js';
import { errorOf } from '../market/support.js';

const BOT = composeBotIdentity({ entityCode: 'DEMO', jurisdictionCode: 'US', brokerCode: 'SIM', botId: 'B01' });

test('a missing account is to be copied as a whole folder: after a kill -9 its last trades are in a file next to broker.db', () => {
  const paths = homePaths('/no-such-home', BOT);
  const traded = { positions: new Map(), book: { executions: { count: 1 } } } as never;
  const { code, remedy } = errorOf(() => openSimulatedAccount(paths, traded));
  expect(code).toBe('SIM_ACCOUNT_MISSING');
  expect(remedy).toContain('Copy the whole folder storage/sim-broker of the home');
});
