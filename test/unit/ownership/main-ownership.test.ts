import { afterAll, expect, test } from '@jest/globals';
import { MemoryJournal } from '../../../src/adapters/journal-memory/memory-journal.js';
import { ownBot } from '../../../src/composition/own-bot.js';
import { journalAddressOf } from '../../../src/domain/config/journal-address.js';
import type { BotIdentity } from '../../../src/kernel/identity.js';
import { epochMs } from '../../../src/kernel/time.js';
import { MainOwnership } from '../../../src/processes/main/main-ownership.js';
import { removeTemporaryHomes, temporaryHome } from '../support/home.js';

afterAll(removeTemporaryHomes);

test('main answers claims until its engine owns the bot: a slow start loses nothing (JRN-9)', async () => {
  const clock = { now: () => epochMs(Date.now()) };
  const journal = new MemoryJournal({ clock });
  const identity = 'ACME_US_SIM_B01' as BotIdentity;
  const address = journalAddressOf('esdb://localhost:2113?tls=false');
  const at = (home: string) => ({ address, identity, journal, clock, pid: process.pid, paths: { home } });
  const first = temporaryHome();
  const main = new MainOwnership(() => undefined);
  const other = new MainOwnership(() => undefined);
  await main.take(at(first));
  try {
    await expect(other.take(at(temporaryHome()))).rejects.toMatchObject({ code: 'OWNED_ELSEWHERE' });
    // the engine takes it from main, which answers no more
    const { pid, ppid } = process;
    const engine = await ownBot({ ...at(first), pid: ppid, parent: pid, actor: 'system:engine' });
    expect(engine?.ownership).toMatchObject({ number: 2, how: 'restart' });
    await engine?.end('the test is over');
  } finally {
    main.close();
    other.close();
  }
  await expect(journal.verify()).resolves.toMatchObject({ ok: true });
});
