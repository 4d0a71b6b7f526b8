#!/usr/bin/env node
/**
 * Checks an inclusion proof of TradeBot with nothing but Node: no package, no home, no journal, none of TradeBot's own
 * code. Written to be read: an auditor can follow every step, or rewrite it in another language.
 *
 *     node check-proof-standalone.mjs proof.json [journal_seal.pub]
 *
 * A proof holds an event's stored text, its hash, the siblings on its way up a Merkle tree, and a signed seal with the
 * root of that tree. It proves that the journal contained the event, with exactly that text, when the seal was signed.
 * Exit 0: proven. 3: not proven, and why. 1: not a proof, or no such file.
 */
import { createHash, createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';

const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
const bytes = (hex) => Buffer.from(hex, 'hex');
const LEAF = Buffer.from([0x00]);
const NODE = Buffer.from([0x01]);

/** RFC 8785 for the values of a seal: sorted keys, no spaces. Its values are texts and one whole number. */
function canonical(seal) {
  const members = Object.keys(seal)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${JSON.stringify(seal[key])}`);
  return `{${members.join(',')}}`;
}

/** RFC 9162, 2.1.3.2: from a leaf and its siblings to the root of a tree of `count` leaves. */
function rootOf(eventHash, index, count, path) {
  if (!Number.isSafeInteger(index) || index < 0 || index >= count) return undefined;
  let [at, last, hash] = [index, count - 1, sha256(LEAF, bytes(eventHash))];
  for (const sibling of path.map(bytes)) {
    if (last === 0) return undefined;
    if (at % 2 === 1 || at === last) {
      hash = sha256(NODE, sibling, hash);
      while (at % 2 === 0 && at !== 0) [at, last] = [at / 2, Math.floor(last / 2)];
    } else {
      hash = sha256(NODE, hash, sibling);
    }
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  return last === 0 ? hash.toString('hex') : undefined;
}

/** Each step of the check: its description, and whether it holds. */
function steps({ format, event, inclusion, seal: signed }, trustedPem) {
  const { seal, publicKey, signature } = signed;
  const named = createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' });
  const key = trustedPem === undefined ? named : createPublicKey(trustedPem);
  const root = rootOf(event.hash, inclusion.index, seal.count, inclusion.path);
  return [
    ['the file has the format of a proof', format === 'tradebot-proof-1' && seal.format === 'tradebot-seal-1'],
    ['the key is an Ed25519 key', key.asymmetricKeyType === 'ed25519'],
    [
      'the signature of the seal is valid',
      verify(null, Buffer.from(canonical(seal)), key, Buffer.from(signature, 'base64')),
    ],
    ['the text of the event matches its hash', sha256(event.prevHash, event.body).toString('hex') === event.hash],
    ['the hash leads to the sealed root', root === seal.merkleRoot],
    ['event and seal belong to the same bot', JSON.parse(event.body).meta.botIdentity === seal.botIdentity],
  ];
}

/** The same as `printable` of src/kernel/printable.ts, since an auditor has this file alone: a test compares the sets. */
function printable(text) {
  return text.replace(
    /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\udb40[\udc00-\udfff]/g,
    (unseen) =>
      unseen
        .split('')
        .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
        .join(''),
  );
}

function say(text) {
  process.stdout.write(`${printable(text)}\n`);
}

function main([proofPath, keyPath]) {
  if (proofPath === undefined) throw new Error('usage: node check-proof-standalone.mjs <proof.json> [public-key.pem]');
  const proof = JSON.parse(readFileSync(proofPath, 'utf8'));
  const trusted = keyPath === undefined ? undefined : readFileSync(keyPath, 'utf8');
  const found = steps(proof, trusted);
  for (const [what, holds] of found) say(`${holds ? 'yes' : 'NO '}  ${what}`);
  if (!found.every(([, holds]) => holds)) {
    say('NOT PROVEN');
    return 3;
  }
  const { seal, publicKey } = proof.seal;
  const { index } = proof.inclusion;
  say(`PROVEN: event ${index + 1} of ${seal.count}, sealed ${seal.sealedAt} as ${seal.sealId} by ${seal.botIdentity}`);
  say(proof.event.body);
  if (trusted === undefined)
    say(`The key comes from the proof itself: ${publicKey}. Compare it with a key from an independent source.`);
  return 0;
}

try {
  process.exitCode = main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`not a valid proof: ${printable(error.message)}\n`);
  process.exitCode = 1;
}
