import { setImmediate as turn } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { HeldOwnership } from '../../../src/app/ownership/held-ownership.js';
import type { OwnershipDeps } from '../../../src/app/ownership/ownership-deps.js';
import { takeByAdmin, takeOwnership } from '../../../src/app/ownership/take-ownership.js';
import { STREAMS } from '../../../src/events/streams.js';
import type { BotIdentity } from '../../../src/kernel/identity.js';
import { journalError } from '../../../src/kernel/errors.js';
import { naturalKeyId, sha256Hex } from '../../../src/kernel/hash.js';
import { epochMs } from '../../../src/kernel/time.js';
import { ModelLink, modelNonce, ModelProcess, ModelServer, OwnerWorld } from '../../simulation/support/owner-world.js';

const STEP_MS = 50;

let world: OwnerWorld;
let server: ModelServer;
let first: ModelProcess;
let held: HeldOwnership;

function depsOf(process: ModelProcess): OwnershipDeps {
  return {
    journal: new ModelLink(process, server),
    clock: { now: () => epochMs(process.read().wall) },
    identity: 'ACME_US_SIM_B01' as BotIdentity,
    actor: 'system:engine',
    machine: {
      self: {
        ...{ machine: 'vm', home: process.id, fingerprint: sha256Hex(process.id), process: process.id },
        instance: naturalKeyId('instance', process.id),
      },
      hasEnded: () => false,
      read: () => process.read(),
      nonce: () => modelNonce(world),
      pause: (ms) => process.pause(ms),
    },
  };
}

/** What becomes of something that takes time in the world. */
async function within<T>(ms: number, work: Promise<T>): Promise<T | undefined> {
  let result: T | undefined;
  const done = work.then((value) => (result = value));
  done.catch(() => undefined);
  for (const end = world.now + ms; world.now < end;) {
    await turn();
    await world.runUntil(world.now + STEP_MS);
  }
  await turn();
  return result;
}

/** An attempt to close a position. */
async function close(): Promise<string> {
  try {
    await held.confirmOwnership('reduces');
    held.refuseStale('reduces');
    return 'sent';
  } catch (error) {
    return (error as { code: string }).code;
  }
}

async function takenByAnother(): Promise<void> {
  expect(
    await within(10_000, takeByAdmin(depsOf(new ModelProcess(world, 'second')), 'the first is silent')),
  ).toBeDefined();
}

beforeEach(async () => {
  world = new OwnerWorld(5);
  server = new ModelServer(world, {});
  first = new ModelProcess(world, 'first');
  const taken = await within(10_000, takeOwnership(depsOf(first)));
  held = new HeldOwnership(depsOf(first), taken!);
});

describe('a closing order while the journal is away (JRN-9, RUN-42)', () => {
  test('leaves without a confirmation, the next one without another wait', async () => {
    server.up = false;
    const closing = close();
    for (let second = 0; second < 20; second += 1) {
      await within(1_000, Promise.resolve());
      held.ran();
    }
    expect(await within(0, closing)).toBe('sent');
    expect(await within(100, close())).toBe('sent');
  });

  test('does not leave a process that stood still since: it asks again, and finds the new owner', async () => {
    server.up = false;
    expect(await within(6_000, close())).toBe('sent');
    first.freeze('stopped');
    server.up = true;
    await takenByAnother();
    await within(20_000, Promise.resolve());
    first.thaw();
    expect(await within(8_000, close())).toBe('OWNERSHIP_LOST');
  });

  test('does not leave a process that stands still between the question and the effect', async () => {
    server.up = false;
    await within(6_000, held.confirmOwnership('reduces'));
    first.freeze('stopped');
    await within(10_000, Promise.resolve());
    expect(() => held.refuseStale('reduces')).toThrow(expect.objectContaining({ code: 'OWNERSHIP_STALE' }));
  });

  test('does not leave a process that stood still while it waited: time-outs of before say nothing', async () => {
    first.cut = true;
    const closing = close();
    await within(1_000, Promise.resolve());
    first.freeze('stopped');
    await takenByAnother();
    await within(20_000, Promise.resolve());
    first.cut = false;
    first.thaw();
    expect(await within(12_000, closing)).toBe('OWNERSHIP_LOST');
  });
});

describe('a confirmation whose answer was lost (JRN-9)', () => {
  test('is known as an own one after an outage of two hundred attempts', async () => {
    const deps = depsOf(first);
    let left = 200;
    const append: OwnershipDeps['journal']['append'] = async (stream, events, { expectedRevision }) => {
      left -= 1;
      const isFirst = left === 199;
      await turn();
      // the server has the first, and crashed before it answered
      const stored = isFirst || left < 0 ? server.append(stream, events, expectedRevision) : undefined;
      if (stored !== undefined && !isFirst) return stored;
      throw journalError('retry', { code: 'JOURNAL_UNREACHABLE', message: 'no answer', remedy: '' });
    };
    const taken = { ownership: held.ownership, revision: server.eventsOf(STREAMS.ownership).length - 1 };
    const owner = new HeldOwnership({ ...deps, journal: { ...deps.journal, append } }, taken);
    while (left > 0) await expect(owner.confirmNow()).rejects.toMatchObject({ code: 'JOURNAL_UNREACHABLE' });
    await within(30_000, owner.confirmNow());
    expect(owner.lost).toBeUndefined();
    expect(owner.ownership.confirmations).toBe(2);
  });
});
