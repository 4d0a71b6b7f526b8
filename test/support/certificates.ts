import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { isIP } from 'node:net';

/** PEM texts, as a server and its clients need them. */
export interface IssuedCertificate {
  readonly certificate: string;
  readonly privateKey: string;
}

interface Validity {
  readonly from: Date;
  readonly to: Date;
}

const DAY_MS = 86_400_000;
const daysFromNow = (days: number): Date => new Date(Date.now() + days * DAY_MS);

export const VALID: Validity = { from: daysFromNow(-1), to: daysFromNow(30) };
export const EXPIRED: Validity = { from: daysFromNow(-30), to: daysFromNow(-1) };
export const NOT_YET_VALID: Validity = { from: daysFromNow(1), to: daysFromNow(30) };

const ECDSA_WITH_SHA256 = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
const COMMON_NAME = [0x55, 0x04, 0x03];
const SUBJECT_ALT_NAME = [0x55, 0x1d, 0x11];
const BASIC_CONSTRAINTS = [0x55, 0x1d, 0x13];
const TAG = { integer: 0x02, bits: 0x03, octets: 0x04, oid: 0x06, text: 0x0c, time: 0x18, sequence: 0x30, set: 0x31 };

/** A private authority that issues certificates for tests; nothing outside the test trusts it. */
export class TestAuthority {
  readonly #key: KeyObject;
  readonly #publicKey: KeyObject;
  readonly #name: string;

  constructor(name = 'Test authority') {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.#key = privateKey;
    this.#publicKey = publicKey;
    this.#name = name;
  }

  /** What a client must trust. */
  get certificate(): string {
    const isAuthority = extension(BASIC_CONSTRAINTS, der(TAG.sequence, Buffer.from([0x01, 0x01, 0xff])));
    return this.#signed(this.#name, this.#publicKey, VALID, [isAuthority]);
  }

  /** A certificate for host names and addresses. */
  issue(hosts: readonly string[], validity: Validity = VALID): IssuedCertificate {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const names = hosts.map((host) =>
      isIP(host) === 4 ? der(0x87, Buffer.from(host.split('.').map(Number))) : der(0x82, Buffer.from(host)),
    );
    const certificate = this.#signed(hosts[0] ?? '', publicKey, validity, [
      extension(SUBJECT_ALT_NAME, der(TAG.sequence, ...names)),
    ]);
    return { certificate, privateKey: String(privateKey.export({ type: 'pkcs8', format: 'pem' })) };
  }

  #signed(subject: string, key: KeyObject, { from, to }: Validity, extensions: readonly Buffer[]): string {
    const algorithm = der(TAG.sequence, der(TAG.oid, Buffer.from(ECDSA_WITH_SHA256)));
    const body = der(
      TAG.sequence,
      der(0xa0, der(TAG.integer, Buffer.from([2]))),
      der(TAG.integer, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
      algorithm,
      nameOf(this.#name),
      der(TAG.sequence, timeOf(from), timeOf(to)),
      nameOf(subject),
      Buffer.from(key.export({ type: 'spki', format: 'der' })),
      der(0xa3, der(TAG.sequence, ...extensions)),
    );
    const signature = Buffer.concat([Buffer.from([0]), sign('sha256', body, this.#key)]);
    const whole = der(TAG.sequence, body, algorithm, der(TAG.bits, signature)).toString('base64');
    return `-----BEGIN CERTIFICATE-----\n${whole.replaceAll(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`;
  }
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function nameOf(text: string): Buffer {
  const part = der(TAG.sequence, der(TAG.oid, Buffer.from(COMMON_NAME)), der(TAG.text, Buffer.from(text)));
  return der(TAG.sequence, der(TAG.set, part));
}

function timeOf(date: Date): Buffer {
  return der(TAG.time, Buffer.from(`${date.toISOString().replaceAll(/[-:T]/g, '').slice(0, 14)}Z`));
}

function extension(oid: readonly number[], value: Buffer): Buffer {
  return der(TAG.sequence, der(TAG.oid, Buffer.from(oid)), der(TAG.octets, value));
}
