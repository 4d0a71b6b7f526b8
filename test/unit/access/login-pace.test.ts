import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { FREE_LOGINS } from '../../../src/domain/access/login-pace.js';
import { secret } from '../../../src/kernel/secret.js';
import { plusMs, SECOND_MS } from '../../../src/kernel/time.js';
import { AccessBench, addUser, admittedOf, request, withAdmin } from './support.js';

let bench: AccessBench;
beforeEach(() => {
  bench = new AccessBench();
});
afterEach(() => bench.close());

test('a user who logs in and out in a loop is slowed down; others and other sources are not', async () => {
  const access = bench.open();
  const { by } = await withAdmin(access);
  await addUser(access, by, 'vera', 'viewer');
  let device = null;
  for (let n = 0; n < FREE_LOGINS; n += 1) {
    const admitted = admittedOf(await access.login(request('vera', { device })));
    device = admitted.device;
    await access.sessions.logout(admitted.session.principal);
  }
  for (let n = 0; n < 30; n += 1) {
    const late = await access.login(request('vera', { device }));
    expect(late).toEqual({ ok: false, refusal: 'DELAYED', retryAfterSeconds: 30 });
  }
  const wrong = await access.login(request('vera', { password: secret('wrong password') }));
  expect(wrong).toMatchObject({ refusal: 'DELAYED' });
  expect(await access.login(request('root.admin'))).toMatchObject({ ok: true });
  expect(await access.login(request('vera', { address: '198.51.100.9' }))).toMatchObject({ ok: true });
  bench.clock.advanceTo(plusMs(bench.clock.now(), 30 * SECOND_MS));
  expect(await access.login(request('vera', { device }))).toMatchObject({ ok: true });
  expect(await access.login(request('vera', { device }))).toMatchObject({ refusal: 'DELAYED' });
  const types = await bench.types();
  // 10 refusals of one kind are recorded one by one, the others are counted
  expect(types.filter((type) => type === 'LoginFailed')).toHaveLength(10);
  expect(types.filter((type) => type === 'LoginSucceeded')).toHaveLength(FREE_LOGINS + 4);
});
