import { expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Fernet } from '../../src/adapters/fernet/fernet.js';
import { FernetKey } from '../../src/adapters/fernet/key.js';
import { sealToken } from '../../src/adapters/fernet/token.js';
import { epochMs } from '../../src/kernel/time.js';
import { describeNeeding, python, testNeeding } from '../support/needs.js';
import { fernetVectors } from '../support/shared-data.js';
import { failureOf } from '../unit/support/failure.js';

const cryptography = python('cryptography');

interface Vector {
  readonly desc?: string;
  readonly token: string;
  readonly now: string;
  readonly iv?: readonly number[];
  readonly ttl_sec?: number;
  readonly src?: string;
  readonly secret: string;
}

const vectors = (name: string): readonly Vector[] =>
  JSON.parse(readFileSync(`${fernetVectors.path}/${name}.json`, 'utf8')) as readonly Vector[];
const fernetOf = ({ secret, now }: Vector): Fernet =>
  new Fernet(FernetKey.parse(secret), { now: () => epochMs(Date.parse(now)) });

describeNeeding(fernetVectors)('test vectors of the specification', () => {
  test('each generate vector gives the same token', () => {
    for (const { token, now, iv, src, secret } of vectors('generate')) {
      const parts = {
        message: Buffer.from(src ?? ''),
        madeAt: BigInt(Date.parse(now) / 1_000),
        iv: Uint8Array.from(iv ?? []),
      };
      expect([src, sealToken(FernetKey.parse(secret), parts)]).toEqual([src, token]);
    }
  });

  test('each verify vector decrypts', () => {
    for (const vector of vectors('verify')) {
      const ttlSeconds = vector.ttl_sec ?? 0;
      expect(fernetOf(vector).decryptText(vector.token, { ttlSeconds })).toBe(vector.src);
    }
  });

  test('each invalid vector is refused', () => {
    for (const vector of vectors('invalid')) {
      const ttlSeconds = vector.ttl_sec ?? 0;
      const { code } = failureOf(() => fernetOf(vector).decrypt(vector.token, { ttlSeconds }));
      expect([vector.desc, code]).toEqual([vector.desc, 'FERNET_INVALID_TOKEN']);
    }
  });
});

const SCRIPT = `
import json, sys
from cryptography.fernet import Fernet
task = json.load(sys.stdin)
fernet = Fernet(task['key'].encode())
opened = [fernet.decrypt(token.encode()).hex() for token in task['tokens']]
made = [fernet.encrypt(bytes.fromhex(message)).decode() for message in task['messages']]
json.dump({'opened': opened, 'made': made}, sys.stdout)
`;

testNeeding(cryptography)(
  "Python's cryptography opens our tokens and we open its: empty, whole blocks, a million bytes",
  () => {
    const key = FernetKey.generate();
    const fernet = new Fernet(key, { now: () => epochMs(Date.now()) });
    const sizes = [0, 1, 15, 16, 17, 31, 32, 1_000, 1_000_000];
    const messages = sizes.map((size) => Buffer.alloc(size, size % 251).toString('hex'));
    const tokens = messages.map((message) => fernet.encrypt(Buffer.from(message, 'hex')));
    const input = JSON.stringify({ key: key.text().reveal(), tokens, messages });
    const { stdout, status } = spawnSync(cryptography.command, ['-c', SCRIPT], {
      input,
      encoding: 'utf8',
      maxBuffer: 50_000_000,
    });
    expect(status).toBe(0);
    const { opened, made } = JSON.parse(stdout) as { opened: string[]; made: string[] };
    expect(opened).toEqual(messages);
    expect(made.map((token) => fernet.decrypt(token, { ttlSeconds: 60 }).toString('hex'))).toEqual(messages);
  },
);
