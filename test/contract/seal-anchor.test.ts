import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { EMBEDDED } from '../../src/domain/config/journal-address.js';
import { spawnSync } from 'node:child_process';
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { readAnchor } from '../../src/adapters/seal-anchor/anchor-files.js';
import { anchorSeals } from '../../src/adapters/seal-anchor/anchor-seals.js';
import { VirtualClock } from '../../src/adapters/clock/virtual-clock.js';
import { EventAppender } from '../../src/app/journal/event-appender.js';
import { openHomeJournal } from '../../src/composition/open-home-journal.js';
import { anchorHome } from '../../src/composition/seal-anchor.js';
import { STREAMS } from '../../src/events/streams.js';
import type { RecordedEvent } from '../../src/events/event.js';
import { parseBotIdentity } from '../../src/kernel/identity.js';
import { sha256Hex } from '../../src/kernel/hash.js';
import { SmallHome } from '../support/restore-home.js';
import { removeTemporaryHomes, temporaryHome } from '../unit/support/home.js';
import { BOT, START } from './support/journal-events.js';

const clock = new VirtualClock(START);
let small: SmallHome;
let directory: string;
beforeEach(async () => {
  small = new SmallHome(temporaryHome());
  directory = temporaryHome();
  await small.append(5);
  await small.seal('first');
});
afterEach(removeTemporaryHomes);

async function setDirectory(to: string): Promise<void> {
  const journal = small.open();
  const appender = new EventAppender({ journal, clock, identity: BOT, actor: 'system:test' });
  const changes = [{ key: 'SEAL_ANCHOR_DIR', from: '', to, secret: false }];
  const data = { changes, settingsSha256: sha256Hex(to), reason: 'a test' };
  await appender.append(STREAMS.config, [{ type: 'ConfigChanged', data, correlationId: 'test', causationId: null }]);
  await journal.close();
}

async function anchor(): Promise<void> {
  const journal = small.open();
  const appender = new EventAppender({ journal, clock, identity: BOT, actor: 'system:worker' });
  await anchorHome({ paths: small.paths, identity: BOT, journal, appender });
  await journal.close();
}

async function anchorEvents(): Promise<readonly RecordedEvent[]> {
  const journal = small.open();
  const found = await journal.readAll({ filter: { types: ['SealsAnchored', 'SealAnchorFailed'] } });
  await journal.close();
  return found;
}

/** Opens the home as main does; resolves to the code of a refusal. */
async function start(): Promise<string> {
  try {
    const journal = await openHomeJournal({
      paths: small.paths,
      identity: BOT,
      clock,
      address: EMBEDDED,
      anchored: true,
    });
    await journal.close();
    return 'opened';
  } catch (error) {
    return (error as { readonly code: string }).code;
  }
}

describe('anchored seals (JRN-30)', () => {
  test('each seal and the public key is copied once, under names of this bot', async () => {
    await setDirectory(directory);
    writeFileSync(small.paths.output.sealPublicKey, 'the key');
    await anchor();
    await small.seal('second');
    await anchor();
    await anchor();
    const names = readdirSync(directory);
    expect(names).toHaveLength(3);
    expect(names.every((name) => name.startsWith(`${BOT}_`))).toBe(true);
    const [copied] = (await readAnchor(directory, BOT)).seals;
    expect(copied?.text).toBe(readFileSync(small.paths.sealFile('first'), 'utf8'));
    expect((await anchorEvents()).map(({ data }) => data)).toMatchObject([
      { total: 1, added: 1, newest: 'first' },
      { total: 2, added: 1, newest: 'second' },
    ]);
    expect(await start()).toBe('opened');
  });

  test('files of another bot in the directory are left alone and not read', async () => {
    writeFileSync(join(directory, 'OTHER_US_SIM_B02_seal_x_0123456789abcdef.json'), 'of another bot');
    writeFileSync(join(directory, 'notes.txt'), 'of a person');
    await anchorSeals(small.paths, BOT, directory);
    expect((await readAnchor(directory, BOT)).seals).toHaveLength(1);
    expect((await readAnchor(directory, parseBotIdentity('OTHER_US_SIM_B02'))).seals).toHaveLength(1);
  });

  test('a copy that differs stays, is a failure of its own, and refuses the next start', async () => {
    await setDirectory(directory);
    await anchor();
    const [name = ''] = readdirSync(directory);
    const other = readFileSync(join(directory, name), 'utf8').replace('"signature":"', '"signature":"AAAA');
    rmSync(join(directory, name));
    writeFileSync(join(directory, name), other);
    await anchor();
    expect(readFileSync(join(directory, name), 'utf8')).toBe(other);
    expect((await anchorEvents()).at(-1)).toMatchObject({ type: 'SealAnchorFailed', data: { code: 'ANCHOR_DIFFERS' } });
    expect(await start()).toBe('JOURNAL_REWRITTEN');
  });

  test('a directory that is missing is one warning, holds nothing, and is used when it is back', async () => {
    await setDirectory(join(directory, 'mount'));
    await anchor();
    await anchor();
    expect(await start()).toBe('opened');
    mkdirSync(join(directory, 'mount'));
    await anchor();
    expect((await anchorEvents()).map(({ type }) => type)).toEqual(['SealAnchorFailed', 'SealsAnchored']);
  });

  test('a directory in the home is refused', async () => {
    const inside = join(small.home, 'anchor');
    mkdirSync(inside);
    await expect(anchorSeals(small.paths, BOT, inside)).rejects.toMatchObject({ code: 'ANCHOR_INSIDE_HOME' });
    await expect(anchorSeals(small.paths, BOT, small.home)).rejects.toMatchObject({ code: 'ANCHOR_INSIDE_HOME' });
  });

  test('a directory that does not answer is given up in time', async () => {
    const pipe = join(directory, `${BOT}_seal_x_0123456789abcdef.json`);
    spawnSync('mkfifo', [pipe]);
    try {
      await expect(readAnchor(directory, BOT, 50)).rejects.toMatchObject({ code: 'ANCHOR_SILENT' });
    } finally {
      // lets the reader of the pipe end
      closeSync(openSync(pipe, 'r+'));
    }
  });
});

describe('a home that was cut back with its seals', () => {
  async function cutBack(): Promise<void> {
    const copy = await small.backUp();
    await small.append(3);
    await small.seal('second');
    await anchor();
    copyFileSync(copy, small.paths.storage.journalDb);
    for (const ending of ['-wal', '-shm']) rmSync(small.paths.storage.journalDb + ending, { force: true });
    rmSync(small.paths.sealFile('second'));
  }

  test('is refused because the anchor knows a newer seal', async () => {
    await setDirectory(directory);
    await cutBack();
    expect(await start()).toBe('JOURNAL_CUT');
  });

  test('is refused though the setting was cut away too', async () => {
    const copy = await small.backUp();
    await setDirectory(directory);
    await small.seal('second');
    await anchor();
    copyFileSync(copy, small.paths.storage.journalDb);
    rmSync(small.paths.sealFile('second'));
    expect(await start()).toBe('JOURNAL_CUT');
  });

  test('is refused though the seals were made again with another key', async () => {
    await setDirectory(directory);
    writeFileSync(small.paths.output.sealPublicKey, 'the key');
    await anchor();
    writeFileSync(small.paths.output.sealPublicKey, 'another key');
    expect(await start()).toBe('JOURNAL_REWRITTEN');
  });

  test('is accepted after a restore, which lists the anchored seal and leaves it where it is', async () => {
    const copy = await small.backUp();
    await setDirectory(directory);
    await small.seal('second');
    await anchor();
    await small.restore(copy);
    expect(await start()).toBe('opened');
    expect(readdirSync(directory)).toHaveLength(2);
    expect(existsSync(small.paths.sealFile('second'))).toBe(false);
    await setDirectory(directory);
    await small.seal('second');
    await anchor();
    expect(readdirSync(directory)).toHaveLength(3);
    expect(await start()).toBe('opened');
  });
});
