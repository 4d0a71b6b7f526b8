import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SystemClock } from '../../src/adapters/clock/system-clock.js';
import { request } from '../unit/access/requests.js';
import { answerOf, childEnd, startChild } from './support/children.js';
import { openTestAccess } from './support/open-test-access.js';

const CHILD = 'test/contract/support/access-child.ts';
const clock = new SystemClock();

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'access-processes-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function registered(name: string): Promise<void> {
  const { access, close } = openTestAccess(folder, { clock });
  await access.users.registerFirst({ name, email: null, password: request(name).password });
  await close();
}

/** Types in the journal, and who is in the database, after the next start has put them in order. */
async function afterRestart() {
  const { access, journal, store, close } = openTestAccess(folder, { clock });
  await access.reconcile();
  const events = await journal.readAll({ limit: 100 });
  const users = access.users.list();
  const sessions = users.flatMap((user) => access.sessions.list(user.userId));
  const found = { types: events.map((event) => event.type), users, sessions, waiting: store.outbox.count() };
  await close();
  return found;
}

describe('several processes on one users database', () => {
  test('when three processes create the first account on a new database, exactly one succeeds', async () => {
    const names = ['anna', 'bert', 'carl'];
    const answers = await Promise.all(
      names.map((name) => answerOf<{ code: string }>(startChild(CHILD, 'register', folder, name))),
    );
    expect(answers.map((answer) => answer.code).sort()).toEqual(['OK', 'REGISTRATION_OVER', 'REGISTRATION_OVER']);
    const { types, users } = await afterRestart();
    expect(types).toEqual(['UserRegistered']);
    expect(users).toHaveLength(1);
  });

  test('guesses from two processes together are no faster than those of one', async () => {
    await registered('anna');
    const answers = await Promise.all(
      [1, 2].map(() => answerOf<{ refusals: string[] }>(startChild(CHILD, 'guess', folder, 'anna', '12', '1'))),
    );
    const refusals = answers.flatMap((answer) => answer.refusals);
    expect(refusals.filter((refusal) => refusal === 'BAD_CREDENTIALS')).toHaveLength(1);
    expect(refusals.filter((refusal) => refusal === 'DELAYED')).toHaveLength(23);
    const { types } = await afterRestart();
    expect(types.filter((type) => type === 'LoginFailed').length).toBeLessThanOrEqual(7);
    expect(types).toContain('AccessRefusalsCounted');
    expect(types.filter((type) => type === 'UserLocked')).toHaveLength(1);
  });
});

describe('a process killed between the database and the journal', () => {
  test.each(['before', 'after'])(
    '%s the append of a registration: the next start has the user and records it once',
    async (when) => {
      const end = await childEnd(startChild(CHILD, 'die', folder, 'anna', 'register', when));
      expect(end.signal).toBe('SIGKILL');
      const { types, users, waiting } = await afterRestart();
      expect(types).toEqual(['UserRegistered']);
      expect(users).toMatchObject([{ name: 'anna', role: 'admin' }]);
      expect(waiting).toBe(0);
    },
  );

  test.each(['before', 'after'])(
    '%s the append of a login: the session is not valid until the journal has it',
    async (when) => {
      await registered('anna');
      await childEnd(startChild(CHILD, 'die', folder, 'anna', 'login', when));
      const between = openTestAccess(folder, { clock });
      const [anna] = between.access.users.list();
      expect(between.access.sessions.list(anna?.userId ?? '')).toEqual([]);
      await between.close();
      const { types, sessions } = await afterRestart();
      expect(types).toEqual(['UserRegistered', 'LoginSucceeded']);
      expect(sessions).toHaveLength(1);
    },
  );

  test.each(['before', 'after'])(
    '%s the append of a failure: the failure is counted and recorded once',
    async (when) => {
      await registered('anna');
      await childEnd(startChild(CHILD, 'die', folder, 'anna', 'guess', when));
      const { types } = await afterRestart();
      expect(types).toEqual(['UserRegistered', 'LoginFailed']);
      const { access, close } = openTestAccess(folder, { clock, attemptLimit: 2 });
      expect(await access.login(request('anna', { password: request('x').password }))).toMatchObject({ ok: true });
      await close();
    },
  );

  test('two processes that recover at once record the event once', async () => {
    await childEnd(startChild(CHILD, 'die', folder, 'anna', 'register', 'before'));
    const [one, two] = [openTestAccess(folder, { clock }), openTestAccess(folder, { clock })];
    await Promise.all([one.access.reconcile(), two.access.reconcile()]);
    expect((await one.journal.readAll({ limit: 10 })).map((event) => event.type)).toEqual(['UserRegistered']);
    await one.close();
    await two.close();
  });
});
