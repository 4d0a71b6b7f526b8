import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { backUpJournal } from '../../src/adapters/backup/back-up.js';
import { checkBackup } from '../../src/adapters/backup/restore.js';
import { VirtualClock } from '../../src/adapters/clock/virtual-clock.js';
import { SqliteJournal } from '../../src/adapters/journal-sqlite/sqlite-journal.js';
import { SealKeys } from '../../src/adapters/seal-keys/seal-keys.js';
import { JournalTree } from '../../src/app/audit/journal-tree.js';
import { EventAppender } from '../../src/app/journal/event-appender.js';
import { carryOutRestore, prepareRestore } from '../../src/composition/restore-home.js';
import { homePaths, type HomePaths } from '../../src/domain/home/home-paths.js';
import { sealMessage, sealOf, signedSealText } from '../../src/domain/audit/seal.js';
import { STREAMS } from '../../src/events/streams.js';
import { toUtcText } from '../../src/kernel/time.js';
import { ALPHA, BOT, named, START } from '../contract/support/journal-events.js';

const clock = new VirtualClock(START);

/** A home with a journal of small events, its seals and backups. */
export class SmallHome {
  readonly paths: HomePaths;
  #names = 0;

  constructor(readonly home: string) {
    this.paths = homePaths(home, BOT);
  }

  open(path = this.paths.storage.journalDb): SqliteJournal {
    return SqliteJournal.open({ path, clock });
  }

  async append(count: number): Promise<void> {
    const journal = this.open();
    this.#names += 1;
    await journal.append(ALPHA, named(count, `n${this.#names}-`), { expectedRevision: 'any' });
    await journal.close();
  }

  /** Seals the journal and writes the seal's file, as the projection does. */
  async seal(sealId: string): Promise<void> {
    const journal = this.open();
    const covered = await new JournalTree(journal).sealable();
    if (covered === undefined) throw new Error('nothing to seal');
    const data = { sealId, ...covered, sealedAt: toUtcText(START) };
    const appender = new EventAppender({ journal, identity: BOT, clock, actor: 'system:engine' });
    const draft = { type: 'JournalSealed', data, correlationId: sealId, causationId: null } as const;
    await appender.append(STREAMS.reporting, [draft]);
    const [event] = await journal.readAll({ direction: 'backwards', limit: 1 });
    await journal.close();
    if (event?.type !== 'JournalSealed') throw new Error('not sealed');
    const { storage, output } = this.paths;
    const seal = sealOf(event);
    const signer = new SealKeys({ privateKey: storage.sealKey, publicKey: output.sealPublicKey });
    const path = this.paths.sealFile(sealId);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, signedSealText({ seal, ...signer.sign(sealMessage(seal)) }));
  }

  async backUp(): Promise<string> {
    const { path } = await backUpJournal({
      journal: this.paths.storage.journalDb,
      folder: this.paths.backups,
      pid: process.pid,
    });
    return path;
  }

  async restore(copy: string, onStep?: (step: string) => void): Promise<void> {
    const at = { paths: this.paths, identity: BOT, clock };
    const prepared = await prepareRestore(at, await checkBackup(copy), onStep);
    await carryOutRestore(at, prepared, { account: 'trader', reason: 'a test' }, onStep);
  }

  async hashes(): Promise<readonly string[]> {
    const journal = this.open();
    try {
      const chain = await journal.verify();
      if (!chain.ok) throw new Error(chain.message);
      return (await journal.readAll()).map(({ hash }) => hash);
    } finally {
      await journal.close();
    }
  }
}
