import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { VirtualClock } from '../../src/adapters/clock/virtual-clock.js';
import { storedText } from '../../src/adapters/event-codec/codec.js';
import { EsdbJournal } from '../../src/adapters/journal-esdb/esdb-journal.js';
import { SealKeys, verifySignature } from '../../src/adapters/seal-keys/seal-keys.js';
import { checkSeals } from '../../src/app/audit/check-seals.js';
import { proveEvent } from '../../src/app/audit/prove-event.js';
import { proofFaults } from '../../src/domain/audit/proof.js';
import type { SignedSeal } from '../../src/domain/audit/seal.js';
import { TestServer, freshIdentity } from '../support/esdb-double/test-server.js';
import { fill, sealOver, signed } from '../unit/audit/support.js';
import { removeTemporaryHomes, temporaryHome } from '../unit/support/home.js';
import { BETA, BOT, named, START } from './support/journal-events.js';

const dir = temporaryHome();
const keys = new SealKeys({ privateKey: join(dir, 'a.key'), publicKey: join(dir, 'a.pub') });
afterAll(removeTemporaryHomes);

async function withJournal<T>(work: (journal: EsdbJournal) => Promise<T>): Promise<T> {
  const server = await TestServer.start();
  const journal = await EsdbJournal.open({
    url: server.url,
    botIdentity: freshIdentity(),
    clock: new VirtualClock(START),
  });
  try {
    return await work(journal);
  } finally {
    await journal.close();
    server.stop();
  }
}

async function faultsOf(journal: EsdbJournal, seal: SignedSeal): Promise<readonly string[]> {
  const trust = { identity: BOT, publicKey: keys.knownPublicKey(), verifySignature };
  const [check] = await checkSeals(
    { journal, storedText },
    [{ source: 'x', signed: seal }],
    await journal.verify(),
    trust,
  );
  return (check?.faults ?? []).map(({ code }) => code);
}

describe('a seal over a journal in EventStoreDB (JRN-30)', () => {
  test('the seal covers all streams, stays valid when events follow, and proves each event', async () => {
    await withJournal(async (journal) => {
      await fill(journal, 20);
      const seal = signed(await sealOver(journal), keys);
      expect(await faultsOf(journal, seal)).toEqual([]);
      await fill(journal, 5, 'later');
      expect(await faultsOf(journal, seal)).toEqual([]);
      for (const { id } of (await journal.readAll({ limit: 20 })).filter((_event, index) => index % 5 === 0)) {
        expect(proofFaults(await proveEvent({ journal, storedText }, id, seal))).toEqual([]);
      }
    });
  });

  test('the seal detects a missing stream and replaced events although each chain is valid', async () => {
    const seal = await withJournal(async (journal) => {
      await fill(journal, 6);
      await journal.append(BETA, named(2), { expectedRevision: 'any' });
      return signed(await sealOver(journal), keys);
    });
    const without = await withJournal(async (journal) => {
      await fill(journal, 6);
      return [(await journal.verify()).ok, ...(await faultsOf(journal, seal))];
    });
    expect(without).toEqual([true, 'JOURNAL_CUT']);
    const others = await withJournal(async (journal) => {
      await fill(journal, 8, 'other');
      return [(await journal.verify()).ok, ...(await faultsOf(journal, seal))];
    });
    expect(others).toEqual([true, 'JOURNAL_REWRITTEN']);
  });
});
