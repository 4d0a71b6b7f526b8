import { spawnSync } from 'node:child_process';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { VirtualClock } from '../../../src/adapters/clock/virtual-clock.js';
import { storedText } from '../../../src/adapters/event-codec/codec.js';
import { MemoryJournal } from '../../../src/adapters/journal-memory/memory-journal.js';
import { SealKeys, verifySignature } from '../../../src/adapters/seal-keys/seal-keys.js';
import { proveEvent } from '../../../src/app/audit/prove-event.js';
import { parseProof, proofFaults, proofText, type InclusionProof } from '../../../src/domain/audit/proof.js';
import { sealMessage, type SignedSeal } from '../../../src/domain/audit/seal.js';
import { ROOT } from '../cli/support.js';
import { START } from '../../contract/support/journal-events.js';
import { removeTemporaryHomes, temporaryHome } from '../support/home.js';
import { fill, sealOver, signed } from './support.js';

const SEALED = 23;

let dir: string;
let journal: MemoryJournal;
let keys: SealKeys;
let seal: SignedSeal;

beforeAll(async () => {
  dir = temporaryHome();
  keys = new SealKeys({ privateKey: join(dir, 'a.key'), publicKey: join(dir, 'a.pub') });
  journal = new MemoryJournal({ clock: new VirtualClock(START) });
  await fill(journal, SEALED);
  seal = signed(await sealOver(journal), keys);
  await fill(journal, 4, 'later');
  writeFileSync(join(dir, 'a.pub'), keys.publicKeyPem());
  // alone in a folder: it must need no other file
  copyFileSync(join(ROOT, 'src/processes/cli/check-proof-standalone.mjs'), join(dir, 'check.mjs'));
});

afterAll(removeTemporaryHomes);

const prove = (id: string): Promise<InclusionProof> => proveEvent({ journal, storedText }, id, seal);

/** The checker that an auditor would run: a plain node process. */
function standalone(text: string, ...key: readonly string[]): { readonly code: number | null; readonly out: string } {
  writeFileSync(join(dir, 'proof.json'), text);
  const child = spawnSync(process.execPath, ['check.mjs', 'proof.json', ...key], { cwd: dir, encoding: 'utf8' });
  return { code: child.status, out: child.stdout + child.stderr };
}

describe('the proof of one event', () => {
  test('it can be made for every sealed event and is valid', async () => {
    const events = (await journal.readAll()).slice(0, SEALED);
    for (const [index, { id, hash }] of events.entries()) {
      const proof = await prove(id);
      expect(proofFaults(proof)).toEqual([]);
      expect(proof).toMatchObject({ event: { hash }, inclusion: { index } });
      expect(parseProof(proofText(proof), 'a file')).toEqual(proof);
    }
  });

  test('it is refused for an event after the seal and for a missing one', async () => {
    const late = (await journal.readAll()).at(-1)!;
    for (const id of [late.id, 'nothing']) {
      await expect(prove(id)).rejects.toMatchObject({ code: 'EVENT_NOT_SEALED' });
    }
  });

  test('it is not made from a journal that does not match the seal', async () => {
    const [first] = await journal.readAll({ limit: 1 });
    const other = signed({ ...seal.seal, merkleRoot: seal.seal.hash }, keys);
    await expect(proveEvent({ journal, storedText }, first!.id, other)).rejects.toMatchObject({
      code: 'SEAL_DOES_NOT_FIT',
    });
  });

  test('any change is detected, by the program and by the standalone checker', async () => {
    const [, second] = await journal.readAll({ limit: 2 });
    const proof = await prove(second!.id);
    const [sibling, ...rest] = proof.inclusion.path;
    const { event, inclusion } = proof;
    const changed: readonly (readonly [string, InclusionProof])[] = [
      ['text', { ...proof, event: { ...event, body: event.body.replace('1.00', '9.00') } }],
      ['previous hash', { ...proof, event: { ...event, prevHash: event.hash } }],
      ['hash', { ...proof, event: { ...event, hash: event.prevHash } }],
      ['place', { ...proof, inclusion: { ...inclusion, index: 2 } }],
      ['order of siblings', { ...proof, inclusion: { ...inclusion, path: [...rest, sibling!] } }],
      ['length', { ...proof, inclusion: { ...inclusion, path: rest } }],
      ['sealed root', { ...proof, seal: { ...seal, seal: { ...seal.seal, merkleRoot: event.hash } } }],
      ['sealed time', { ...proof, seal: { ...seal, seal: { ...seal.seal, sealId: '2013-10-08' } } }],
    ];
    expect(event.body).toContain('1.00');
    for (const [what, bad] of changed) {
      const holds = proofFaults(bad).length === 0 && verifySignature(sealMessage(bad.seal.seal), bad.seal);
      expect({ what, holds }).toEqual({ what, holds: false });
      const { code, out } = standalone(proofText(bad));
      expect({ what, code, out }).toEqual({ what, code: 3, out: expect.stringContaining('NOT PROVEN') });
    }
  });

  test('the standalone checker accepts it with its own key or a given key, not with a foreign one', async () => {
    const [first] = await journal.readAll({ limit: 1 });
    const text = proofText(await prove(first!.id));
    const own = standalone(text);
    expect(own).toEqual({ code: 0, out: expect.stringContaining('PROVEN: event 1 of 23') });
    expect(own.out).toContain(storedText(first!));
    expect(own.out).toContain('Compare it with a key from an independent source');
    expect(standalone(text, 'a.pub')).toMatchObject({ code: 0 });
    const stranger = new SealKeys({ privateKey: join(dir, 'b.key'), publicKey: join(dir, 'b.pub') });
    writeFileSync(join(dir, 'b.pub'), stranger.publicKeyPem());
    expect(standalone(text, 'b.pub')).toEqual({
      code: 3,
      out: expect.stringContaining('NO   the signature of the seal'),
    });
    for (const bad of ['', '{}', text.slice(0, -20)]) expect(standalone(bad)).toMatchObject({ code: 1 });
    expect(standalone(text, 'absent.pub')).toMatchObject({ code: 1 });
  });

  test('a truncated, foreign or incomplete proof is refused by name', async () => {
    const [first] = await journal.readAll({ limit: 1 });
    const proof = await prove(first!.id);
    const bad = ['', 'null', '{}', proofText(proof).slice(0, -20), JSON.stringify({ ...proof, event: null })];
    for (const text of [...bad, JSON.stringify({ ...proof, inclusion: { index: 0, path: ['x'] } })]) {
      expect(() => parseProof(text, 'the file')).toThrow(
        expect.objectContaining({ code: 'PROOF_UNREADABLE', message: expect.stringContaining('the file') }),
      );
    }
  });
});
