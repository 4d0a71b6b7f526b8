import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AccessService } from '../../../src/app/access/access.js';
import type { Principal } from '../../../src/app/access/principal.js';
import type { NewSession } from '../../../src/app/access/sessions.js';
import { STREAMS } from '../../../src/events/streams.js';
import { MINUTE_MS, plusMs } from '../../../src/kernel/time.js';
import { AccessBench, addUser, request, sessionOf, withAdmin } from './support.js';

let bench: AccessBench;
let access: AccessService;
let by: Principal;
let session: NewSession;

beforeEach(async () => {
  bench = new AccessBench();
  access = bench.open();
  ({ by, session } = await withAdmin(access));
});
afterEach(() => bench.close());

/** As the gatekeeper does it: let in once, so that the next request may be recalled. */
async function letIn(one: NewSession): Promise<Principal> {
  const found = await access.sessions.authenticate(one.sessionId);
  if (!found.ok) throw new Error(`refused: ${found.refusal}`);
  access.sessions.remember(one, found);
  return found.principal;
}

const recalled = async (one: NewSession): Promise<Principal | undefined> => {
  await nextTurn();
  return access.sessions.recall(one);
};

const wait = (ms: number): void => bench.clock.advanceTo(plusMs(bench.clock.now(), ms));

describe('a session that was let in is recalled', () => {
  test('as the same user, while nothing has changed', async () => {
    const principal = await letIn(session);
    expect(await recalled(session)).toEqual(principal);
    wait(29_000);
    expect(await recalled(session)).toEqual(principal);
  });

  test('by both of its halves only', async () => {
    const other = sessionOf(await access.login(request('root.admin')));
    await letIn(session);
    await letIn(other);
    expect(await recalled({ ...session, csrfToken: '' })).toBeUndefined();
    expect(await recalled({ ...session, csrfToken: other.csrfToken })).toBeUndefined();
    expect((await recalled(session))?.ref).toBe(session.sessionRef);
  });

  test('and not before it was let in', async () => {
    expect(await recalled(session)).toBeUndefined();
  });
});

describe('it is judged again', () => {
  test('at once after a change of the own process, such as its end', async () => {
    await letIn(session);
    expect(access.sessions.recall(session)).toBeDefined();
    const ending = access.sessions.logout(by);
    expect(access.sessions.recall(session)).toBeUndefined();
    await ending;
    expect(await recalled(session)).toBeUndefined();
  });

  test('after a change by another process, in the next turn', async () => {
    const other = bench.open();
    await letIn(session);
    expect(await recalled(session)).toBeDefined();
    await other.sessions.revoke(by, by.userId, session.sessionRef);
    expect(await recalled(session)).toBeUndefined();
  });

  test('after an event of users that the database does not show', async () => {
    const second = await addUser(access, by, 'second', 'operator');
    const theirs = sessionOf(await access.login(request('second')));
    await letIn(theirs);
    await bench.parts().appender.append(STREAMS.user(second), [
      {
        ...{ type: 'UserRoleChanged', correlationId: 'test', causationId: null },
        data: { userId: second, from: 'operator', to: 'viewer' },
      },
    ]);
    expect((await recalled(theirs))?.role).toBe('operator');
    await bench.records.refresh();
    expect(await recalled(theirs)).toBeUndefined();
  });

  test('after a change of the settings of access', async () => {
    await letIn(session);
    bench.settings = { ...bench.settings, adminSecondFactor: true };
    expect(await recalled(session)).toBeUndefined();
  });

  test('when its last use has to be written, and when the clock was set back', async () => {
    await letIn(session);
    wait(30_000);
    expect(await recalled(session)).toBeUndefined();
    await letIn(session);
    await letIn(session);
    expect(await recalled(session)).toBeDefined();
    bench.clock.setTo(plusMs(bench.clock.now(), -1));
    expect(await recalled(session)).toBeUndefined();
  });

  test('when it is over sooner than that', async () => {
    bench.settings = { ...bench.settings, sessionTimeoutMinutes: 0.25 };
    await letIn(session);
    wait(0.24 * MINUTE_MS);
    expect(await recalled(session)).toBeDefined();
    wait(0.01 * MINUTE_MS);
    expect(await recalled(session)).toBeUndefined();
  });
});
