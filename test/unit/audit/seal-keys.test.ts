import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { VirtualClock } from '../../../src/adapters/clock/virtual-clock.js';
import { MemoryJournal } from '../../../src/adapters/journal-memory/memory-journal.js';
import { readSeal, readSeals } from '../../../src/adapters/seal-keys/seal-files.js';
import { readPublicKey, SealKeys, verifySignature } from '../../../src/adapters/seal-keys/seal-keys.js';
import { parseSignedSeal, sealMessage, signedSealText } from '../../../src/domain/audit/seal.js';
import { START } from '../../contract/support/journal-events.js';
import { removeTemporaryHomes, temporaryHome } from '../support/home.js';
import { fill, sealOver, signed } from './support.js';

function keysIn(dir: string): SealKeys {
  return new SealKeys({ privateKey: join(dir, 'keys/a.key'), publicKey: join(dir, 'a.pub') });
}

async function sealedText(keys: SealKeys): Promise<string> {
  const journal = new MemoryJournal({ clock: new VirtualClock(START) });
  await fill(journal, 5);
  return signedSealText(signed(await sealOver(journal), keys));
}

afterAll(removeTemporaryHomes);

describe('the key of a home', () => {
  test('it is created at first use, for its owner only, and kept', () => {
    const dir = temporaryHome();
    const first = keysIn(dir);
    expect(first.knownPublicKey()).toBeUndefined();
    const made = first.sign('a message');
    expect(statSync(join(dir, 'keys/a.key')).mode & 0o777).toBe(0o600);
    expect(keysIn(dir).sign('a message')).toEqual(made);
    expect(keysIn(dir).knownPublicKey()).toBe(made.publicKey);
    writeFileSync(join(dir, 'a.pub'), first.publicKeyPem());
    expect(readPublicKey(join(dir, 'a.pub'))).toBe(made.publicKey);
  });

  test('a published key that was lost is refused, not replaced', () => {
    const dir = temporaryHome();
    writeFileSync(join(dir, 'a.pub'), keysIn(dir).publicKeyPem());
    rmSync(join(dir, 'keys/a.key'));
    expect(keysIn(dir).knownPublicKey()).toBe(readPublicKey(join(dir, 'a.pub')));
    expect(() => keysIn(dir).sign('x')).toThrow(expect.objectContaining({ code: 'SEAL_KEY_LOST' }));
  });

  test('a damaged key, and one of another kind, is refused by name', () => {
    const dir = temporaryHome();
    keysIn(dir).sign('x');
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const others = other.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    for (const text of ['', 'nonsense', others]) {
      writeFileSync(join(dir, 'keys/a.key'), text);
      expect(() => keysIn(dir).sign('x')).toThrow(expect.objectContaining({ code: 'SEAL_KEY_UNREADABLE' }));
    }
    expect(() => readPublicKey(join(dir, 'absent'))).toThrow(expect.objectContaining({ code: 'SEAL_KEY_UNREADABLE' }));
  });
});

describe('a seal file', () => {
  test('it is read as written, and its signature is valid', async () => {
    const text = await sealedText(keysIn(temporaryHome()));
    const read = parseSignedSeal(text, 'a file');
    expect(signedSealText(read)).toBe(text);
    expect(verifySignature(sealMessage(read.seal), read)).toBe(true);
  });

  test('any changed member of the seal invalidates its signature', async () => {
    const read = parseSignedSeal(await sealedText(keysIn(temporaryHome())), 'a file');
    for (const [key, value] of Object.entries(read.seal)) {
      const seal = { ...read.seal, [key]: typeof value === 'number' ? value + 1 : `${value as string}0` };
      expect(verifySignature(sealMessage(seal), { ...read, seal })).toBe(false);
    }
    const other = keysIn(temporaryHome()).sign('x').publicKey;
    expect(verifySignature(sealMessage(read.seal), { ...read, publicKey: other })).toBe(false);
    expect(verifySignature(sealMessage(read.seal), { ...read, publicKey: 'AAAA' })).toBe(false);
  });

  test('a truncated, foreign or incomplete file is refused by name', async () => {
    const text = await sealedText(keysIn(temporaryHome()));
    const { seal, publicKey, signature } = parseSignedSeal(text, 'a file');
    const bad = [
      ['', '{}', '[]', 'null', text.slice(0, -10)],
      [
        { seal, publicKey },
        { seal, publicKey, signature, more: 1 },
        { seal: {}, publicKey, signature },
      ],
      [
        { seal: { ...seal, count: '5' }, publicKey, signature },
        { seal: { ...seal, more: 1 }, publicKey, signature },
      ],
    ].flat();
    for (const item of bad) {
      const given = typeof item === 'string' ? item : JSON.stringify(item);
      expect(() => parseSignedSeal(given, 'the file')).toThrow(
        expect.objectContaining({ code: 'SEAL_UNREADABLE', message: expect.stringContaining('the file') }),
      );
    }
  });

  test('all seals of a folder are read, damaged ones are reported, other files are ignored', async () => {
    const dir = temporaryHome();
    const text = await sealedText(keysIn(dir));
    writeFileSync(join(dir, 'seal_b.json'), text);
    writeFileSync(join(dir, 'seal_a.json'), 'x');
    const [bad, good, ...more] = readSeals(dir);
    expect(more).toEqual([]);
    expect(bad?.signed).toMatchObject({ code: 'SEAL_UNREADABLE' });
    expect(good).toEqual({ path: `${dir}/seal_b.json`, signed: readSeal(join(dir, 'seal_b.json')) });
    expect(readSeals(join(dir, 'absent'))).toEqual([]);
    expect(() => readSeal(join(dir, 'absent'))).toThrow(expect.objectContaining({ code: 'FILE_UNREADABLE' }));
    expect(readFileSync(join(dir, 'seal_b.json'), 'utf8')).toBe(text);
  });
});
