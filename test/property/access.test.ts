import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { beginAttempt, NO_ATTEMPTS, type Attempts } from '../../src/domain/access/lockout.js';
import { ROLES, type Role } from '../../src/domain/access/roles.js';
import type { AccessService } from '../../src/app/access/access.js';
import type { Principal } from '../../src/app/access/principal.js';
import { TradeBotError } from '../../src/kernel/errors.js';
import { secret } from '../../src/kernel/secret.js';
import { epochMs, MINUTE_MS, plusMs } from '../../src/kernel/time.js';
import { AccessBench, addUser, newUser, request, withAdmin } from '../unit/access/support.js';

describe('the lockout rule', () => {
  test('in any period of the lock time at most twice the limit pass, and none while the name is locked', () => {
    const steps = fc.array(fc.record({ waitMinutes: fc.integer({ min: 0, max: 20 }), wins: fc.boolean() }), {
      maxLength: 80,
    });
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 15 }), (all, limit, minutes) => {
        let attempts: Attempts = NO_ATTEMPTS;
        let now = epochMs(0);
        let inARow = 0;
        for (const { waitMinutes, wins } of all) {
          now = plusMs(now, waitMinutes * MINUTE_MS);
          const locked = attempts.lockedUntil;
          const begun = beginAttempt(attempts, { limit, minutes }, now);
          if (locked !== null && now < locked) {
            expect(begun).toEqual({ may: 'wait', until: locked });
            continue;
          }
          if (begun.may !== 'try') throw new Error('an open name waits');
          if (locked !== null) inARow = 0;
          inARow += 1;
          expect(inARow).toBeLessThanOrEqual(limit);
          expect(begun.attempts.failures).toBe(inARow);
          expect(begun.locks).toBe(inARow === limit);
          attempts = wins ? NO_ATTEMPTS : begun.attempts;
          if (wins) inARow = 0;
        }
      }),
    );
  });
});

describe('random commands', () => {
  let bench: AccessBench;
  beforeEach(() => {
    bench = new AccessBench();
  });
  afterEach(() => bench.close());

  /** Wrong guesses, right ones, restarts, outages and time, in any order. */
  test('no name gets more attempts than the limit between two successes or locks, and each is in the journal', async () => {
    const command = fc.oneof(
      { weight: 6, arbitrary: fc.constant('guess') },
      { weight: 2, arbitrary: fc.constant('right') },
      { weight: 1, arbitrary: fc.constant('restart') },
      { weight: 1, arbitrary: fc.constant('outage') },
      { weight: 1, arbitrary: fc.constant('time') },
    );
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(command, { minLength: 5, maxLength: 25 }), async (commands) => {
        run += 1;
        await bench.close();
        bench = new AccessBench();
        bench.settings = { ...bench.settings, attemptLimit: 3 };
        let access = bench.open();
        await access.users.registerFirst(newUser('anna'));
        let failures = 0;
        for (const [n, what] of commands.entries()) {
          const address = `192.0.${run % 250}.${n}`;
          if (what === 'restart') access = bench.open();
          else if (what === 'outage') bench.journalDown = !bench.journalDown;
          else if (what === 'time') bench.clock.advanceTo(plusMs(bench.clock.now(), 16 * MINUTE_MS));
          else failures = await attempt(access, what === 'right', { failures, address });
          if (what === 'time' && failures >= 3) failures = 0;
          expect(failures).toBeLessThanOrEqual(3);
        }
        bench.journalDown = false;
        await access.reconcile();
        await expectJournalAgrees(access);
      }),
      { numRuns: 15 },
    );
  });

  /** Number of consecutive failures; an attempt refused because of the lock does not count. */
  async function attempt(
    access: AccessService,
    right: boolean,
    { failures, address }: { readonly failures: number; readonly address: string },
  ): Promise<number> {
    const password = right ? {} : { password: secret('this is not the one') };
    const result = await access.login(request('anna', { address, ...password }));
    if (result.ok) return 0;
    expect(result.refusal).toBe(failures >= 3 ? 'LOCKED' : 'BAD_CREDENTIALS');
    return result.refusal === 'LOCKED' ? failures : failures + 1;
  }

  async function expectJournalAgrees(access: AccessService): Promise<void> {
    const events = await bench.events();
    const begun = new Set<string>();
    for (const event of events) {
      if (event.type === 'LoginSucceeded') begun.add(event.data.sessionRef);
      if (event.type === 'SessionEnded') expect(begun.delete(event.data.sessionRef)).toBe(true);
    }
    const [anna] = access.users.list();
    expect(
      access.sessions
        .list(anna?.userId ?? '')
        .map((session) => session.sessionRef)
        .sort(),
    ).toEqual([...begun].sort());
  }

  test('an admin who can log in always remains, and the roles are those of the journal', async () => {
    const deed = fc.record({
      deed: fc.constantFrom('role', 'disable', 'enable', 'create'),
      whom: fc.nat(5),
      role: fc.constantFrom(...ROLES),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(deed, { maxLength: 20 }), async (deeds) => {
        await bench.close();
        bench = new AccessBench();
        const access = bench.open();
        const { by } = await withAdmin(access);
        for (const [n, one] of deeds.entries()) {
          await done(access, by, { ...one, n });
          expect(access.users.list().some((user) => user.role === 'admin' && !user.disabled)).toBe(true);
        }
        const reported = new Map<string, { role: Role; disabled: boolean }>();
        for (const { type, data } of await bench.events()) {
          if (type === 'UserRegistered') reported.set(data.userId, { role: data.role, disabled: false });
          if (type === 'UserRoleChanged') reported.get(data.userId)!.role = data.to;
          if (type === 'UserDisabled') reported.get(data.userId)!.disabled = true;
          if (type === 'UserEnabled') reported.get(data.userId)!.disabled = false;
        }
        const users = access.users.list().map(({ userId, role, disabled }) => [userId, { role, disabled }] as const);
        expect(new Map(users)).toEqual(reported);
      }),
      { numRuns: 15 },
    );
  });

  interface Deed {
    readonly deed: string;
    readonly whom: number;
    readonly role: Role;
    readonly n: number;
  }

  async function done(access: AccessService, by: Principal, { deed, whom, role, n }: Deed): Promise<void> {
    const users = access.users.list();
    const userId = users[whom % users.length]!.userId;
    try {
      if (deed === 'create') await addUser(access, by, `user${n}`, role);
      else if (deed === 'role') await access.users.changeRole(by, userId, role);
      else if (deed === 'disable') await access.users.disable(by, userId, 'test');
      else await access.users.enable(by, userId, 'test');
    } catch (error) {
      if (!(error instanceof TradeBotError)) throw error;
      expect(error.code).toBe('LAST_ADMIN');
    }
  }
});
