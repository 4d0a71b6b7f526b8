import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { beginAttempt, LONGEST_DELAY_MS, NO_ATTEMPTS, type Attempts } from '../../src/domain/access/attempt-delay.js';
import { ROLES, type Role } from '../../src/domain/access/roles.js';
import type { AccessService } from '../../src/app/access/access.js';
import type { Principal } from '../../src/app/access/principal.js';
import { TradeBotError } from '../../src/kernel/errors.js';
import { secret } from '../../src/kernel/secret.js';
import { epochMs, MINUTE_MS, plusMs, SECOND_MS } from '../../src/kernel/time.js';
import { AccessBench, addUser, admittedOf, newUser, request, withAdmin } from '../unit/access/support.js';

describe('the delay rule', () => {
  const steps = fc.array(fc.record({ waitSeconds: fc.integer({ min: 0, max: 90 }), wins: fc.boolean() }), {
    maxLength: 200,
  });
  const limits = fc.integer({ min: 1, max: 12 });
  const siege = fc.boolean();

  test('nobody waits longer than half a minute, and a wait that ended admits the next attempt', () => {
    fc.assert(
      fc.property(steps, limits, siege, (all, limit, besieged) => {
        let attempts: Attempts = NO_ATTEMPTS;
        let now = epochMs(0);
        for (const { waitSeconds, wins } of all) {
          now = plusMs(now, waitSeconds * SECOND_MS);
          const begun = beginAttempt(attempts, { limit, minutes: 15 }, now, besieged);
          if (begun.may === 'wait') {
            expect(begun.until - now).toBeGreaterThan(0);
            expect(begun.until - now).toBeLessThanOrEqual(LONGEST_DELAY_MS);
            expect(beginAttempt(attempts, { limit, minutes: 15 }, begun.until, besieged).may).toBe('try');
            continue;
          }
          attempts = wins ? NO_ATTEMPTS : begun.attempts;
        }
      }),
    );
  });

  test('without a success no hour has more attempts than one each half minute and those before the longest delay', () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 100, maxLength: 400 });
    fc.assert(
      fc.property(gaps, limits, siege, (all, limit, besieged) => {
        let attempts: Attempts = NO_ATTEMPTS;
        let now = epochMs(0);
        const tried: number[] = [];
        for (const gap of all) {
          now = plusMs(now, gap * SECOND_MS);
          const begun = beginAttempt(attempts, { limit, minutes: 15 }, now, besieged);
          if (begun.may === 'wait') continue;
          attempts = begun.attempts;
          tried.push(now);
        }
        for (const from of tried) {
          const inAnHour = tried.filter((at) => at >= from && at < from + 60 * MINUTE_MS).length;
          expect(inAnHour).toBeLessThanOrEqual(120 + limit);
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
  test('a known device is let in at once whatever strangers do, and a new one within half a minute', async () => {
    const command = fc.oneof(
      { weight: 6, arbitrary: fc.constant('guess') },
      { weight: 2, arbitrary: fc.constant('known') },
      { weight: 2, arbitrary: fc.constant('new') },
      { weight: 1, arbitrary: fc.constant('restart') },
      { weight: 1, arbitrary: fc.constant('outage') },
      { weight: 1, arbitrary: fc.constant('time') },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(command, { minLength: 5, maxLength: 25 }), async (commands) => {
        await bench.close();
        bench = new AccessBench();
        bench.settings = { ...bench.settings, attemptLimit: 3 };
        let access = bench.open();
        await access.users.registerFirst(newUser('anna'));
        let { device } = admittedOf(await access.login(request('anna')));
        for (const [n, what] of commands.entries()) {
          const address = `192.0.2.${n % 3}`;
          if (what === 'restart') access = bench.open();
          else if (what === 'outage') bench.journalDown = !bench.journalDown;
          else if (what === 'time') bench.clock.advanceTo(plusMs(bench.clock.now(), 16 * MINUTE_MS));
          else if (what === 'guess') await access.login(request('anna', { address, password: secret('not the one') }));
          else if (what === 'known')
            ({ device } = admittedOf(await access.login(request('anna', { address, device }))));
          else await afterTheDelay(access, address);
        }
        bench.journalDown = false;
        await access.reconcile();
        await expectJournalAgrees(access);
      }),
      { numRuns: 15 },
    );
  });

  async function afterTheDelay(access: AccessService, address: string): Promise<void> {
    const first = await access.login(request('anna', { address }));
    if (first.ok) return;
    expect(first).toMatchObject({ refusal: 'DELAYED' });
    expect(first.retryAfterSeconds).toBeLessThanOrEqual(30);
    bench.clock.advanceTo(plusMs(bench.clock.now(), (first.retryAfterSeconds ?? 0) * SECOND_MS));
    admittedOf(await access.login(request('anna', { address })));
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
      expect(error.code).toBe('OWN_ACCOUNT');
    }
  }
});
