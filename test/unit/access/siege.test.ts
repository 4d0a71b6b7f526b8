import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { statSync } from 'node:fs';
import * as OTPAuth from 'otpauth';
import type { AccessService } from '../../../src/app/access/access.js';
import {
  beginAttempt,
  LONGEST_DELAY_MS,
  NO_ATTEMPTS,
  type Attempts,
} from '../../../src/domain/access/attempt-delay.js';
import { RecordBudget, STRANGERS } from '../../../src/domain/access/record-budget.js';
import { secret, type Secret } from '../../../src/kernel/secret.js';
import { DAY_MS, epochMs, MINUTE_MS, plusMs, SECOND_MS } from '../../../src/kernel/time.js';
import type { Passwords } from '../../../src/ports/access.js';
import { AccessBench, admittedOf, PASSWORD, request, START, withAdmin } from './support.js';

const HOUR_MS = 60 * MINUTE_MS;
const WEEK_MS = 7 * DAY_MS;

describe('a stranger at one name for a week, by the rule', () => {
  test.each([
    ['a hundred times an hour', 36 * SECOND_MS],
    ['every second', SECOND_MS],
  ])(
    '%s: no more than 130 guesses an hour, and a new device of the owner waits half a minute at most',
    (_what, everyMs) => {
      const rule = { limit: 10, minutes: 15 };
      let attempts: Attempts = NO_ATTEMPTS;
      let guesses = 0;
      let longestWait = 0;
      for (let at = START; at < START + WEEK_MS; at = plusMs(at, everyMs)) {
        const begun = beginAttempt(attempts, rule, at);
        if (begun.may === 'try') {
          attempts = begun.attempts;
          guesses += 1;
        } else longestWait = Math.max(longestWait, begun.until - at);
      }
      expect(longestWait).toBeLessThanOrEqual(LONGEST_DELAY_MS);
      expect(guesses).toBeLessThanOrEqual(7 * 24 * 130);
    },
  );

  test('a refusal a second of changing kinds leave three hundred records a day and one count an hour', () => {
    const budget = new RecordBudget(STRANGERS);
    let recorded = 0;
    let counts = 0;
    let counted = 0;
    let all = 0;
    for (let at = START; at < START + WEEK_MS; at = plusMs(at, SECOND_MS)) {
      all += 1;
      if (budget.take(`kind ${all % 5_000}`, at)) recorded += 1;
      if (all % 60 !== 0) continue;
      const due = budget.due(at);
      counts += due === undefined ? 0 : 1;
      counted += due?.count ?? 0;
    }
    counted += budget.due(epochMs(START + WEEK_MS), true)?.count ?? 0;
    expect(recorded).toBe(7 * 300);
    expect(counts).toBeLessThanOrEqual(7 * 24);
    expect(recorded + counted).toBe(all);
  });
});

/** Right or wrong at once: this is not about bcrypt. */
const PLAIN: Passwords = {
  hash: async () => secret(`$2b$04$${'a'.repeat(53)}`),
  isOutdated: () => false,
  isCommon: () => false,
  matches: async (password, hash) => hash !== undefined && password.reveal() === PASSWORD,
};

describe('a stranger and a thief of the password for a week, while the owner works', () => {
  let bench: AccessBench;
  let access: AccessService;
  let key: Secret;
  let owner: { readonly device: Secret | null; readonly address: string };
  const seen = { guesses: 0, codes: 0, delayed: 0, ownerRefused: 0, longestWait: 0, newDevices: 0 };

  beforeEach(async () => {
    bench = new AccessBench();
    access = bench.open({ passwords: PLAIN });
    const { by } = await withAdmin(access);
    ({ secret: key } = access.secondFactor.begin(by));
    await access.secondFactor.confirm(by, codeAt(0), '127.0.0.1');
    bench.clock.advanceTo(plusMs(bench.clock.now(), 30 * SECOND_MS));
    const { device } = admittedOf(await access.login(request('root.admin', { address: '127.0.0.1', code: codeAt(0) })));
    owner = { device, address: '127.0.0.1' };
  });
  afterEach(() => bench.close());

  function codeAt(stepsAhead: number): string {
    const timestamp = bench.clock.now() + stepsAhead * 30 * SECOND_MS;
    return OTPAuth.TOTP.generate({ secret: OTPAuth.Secret.fromBase32(key.reveal()), timestamp });
  }

  function pass(ms: number): void {
    bench.clock.advanceTo(plusMs(bench.clock.now(), ms));
  }

  /** Both do a hundred attempts an hour, from this machine and from many networks. */
  async function attack(n: number): Promise<void> {
    const address = n % 3 === 0 ? `127.0.${n % 250}.1` : `203.0.${n % 200}.9`;
    const wrong = secret('not this one at all');
    const name = n % 4 === 0 ? `made-up-${n}` : 'root.admin';
    const guessed = await access.login(request(name, { address, password: wrong }));
    const code = String((n * 7_919) % 1_000_000).padStart(6, '0');
    const stolen = await access.login(request('root.admin', { address, code }));
    for (const result of [guessed, stolen]) {
      expect(result.ok).toBe(false);
      if (!result.ok && result.refusal === 'BAD_SECOND_FACTOR') seen.codes += 1;
      if (!result.ok && result.refusal === 'DELAYED') seen.delayed += 1;
      else seen.guesses += 1;
    }
  }

  async function ownerLogsIn(): Promise<void> {
    const result = await access.login(request('root.admin', { ...owner, code: codeAt(0) }));
    if (result.ok) owner = { ...owner, device: result.device };
    else seen.ownerRefused += 1;
  }

  /** From this machine, where the stranger is too; two codes when one is not enough. */
  async function ownerOnANewDevice(): Promise<void> {
    let waited = 0;
    for (let attempt = 0; attempt < 4; attempt += 1) {
      const code = attempt === 0 ? codeAt(0) : `${codeAt(0)}${codeAt(1)}`;
      const result = await access.login(request('root.admin', { address: '127.0.0.1', code }));
      if (result.ok) {
        seen.newDevices += 1;
        seen.longestWait = Math.max(seen.longestWait, waited);
        return;
      }
      const seconds = result.retryAfterSeconds ?? 0;
      waited += seconds;
      pass(seconds * SECOND_MS);
    }
    throw new Error('a new device of the owner never got in');
  }

  test('the owner is never refused or delayed on the known device, and waits a minute at most on a new one', async () => {
    const hours = 7 * 24;
    const size = (): number => statSync(bench.usersDb).size;
    const before = { events: (await bench.journal.readAll({ limit: 100_000 })).length, bytes: size() };
    for (let n = 0; n < hours * 100; n += 1) {
      await attack(n);
      pass(HOUR_MS / 100);
      if (n % 100 === 50) {
        await ownerLogsIn();
        await access.tidy();
      }
      if (n % 1_200 === 700) await ownerOnANewDevice();
    }
    const events = (await bench.journal.readAll({ limit: 100_000 })).slice(before.events);
    const ofStrangers = events.filter(({ type }) =>
      ['LoginFailed', 'AccessDenied', 'UserLocked', 'AccessRefusalsCounted'].includes(type),
    );
    expect(seen.ownerRefused).toBe(0);
    expect(seen.codes).toBeLessThanOrEqual(8 * 10);
    expect(seen.newDevices).toBe(14);
    expect(seen.longestWait).toBeLessThanOrEqual(60);
    expect(ofStrangers.length).toBeLessThanOrEqual(7 * (STRANGERS.aDay + 25));
    expect(JSON.stringify(ofStrangers).length).toBeLessThan(2_000_000);
    expect(size() - before.bytes).toBeLessThan(4_000_000);
    expect(seen.guesses + seen.delayed).toBe(2 * hours * 100);
    expect(events.filter(({ type }) => type === 'LoginSucceeded')).toHaveLength(hours + 14);
  });
});
