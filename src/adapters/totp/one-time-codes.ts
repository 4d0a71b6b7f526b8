import * as OTPAuth from 'otpauth';
import type { Clock } from '../../kernel/time.js';
import { Secret } from '../../kernel/secret.js';
import type { OneTimeCodes, TypedCode } from '../../ports/access.js';

const PERIOD_SECONDS = 30;
const SECRET_BYTES = 20;
const CODE_DIGITS = 6;
const DIGITS = /^(?:\d{6}){1,2}$/;
/** Two codes that follow each other are right so many steps around now. */
const SKEW_STEPS = 10;

export interface TotpOptions {
  /** Shown by the authenticator app. */
  readonly issuer: string;
  /** Real time: a phone has no scaled clock. */
  readonly clock: Clock;
}

/** RFC 6238 as supported by authenticator apps. */
export class TotpCodes implements OneTimeCodes {
  constructor(private readonly options: TotpOptions) {}

  newSecret(): Secret {
    return new Secret(new OTPAuth.Secret({ size: SECRET_BYTES }).base32);
  }

  uri(secret: Secret, userName: string): Secret {
    const { issuer } = this.options;
    const totp = new OTPAuth.TOTP({ issuer, label: userName, secret: secret.reveal(), period: PERIOD_SECONDS });
    return new Secret(totp.toString());
  }

  parse(text: string): TypedCode | undefined {
    const digits = text.replaceAll(' ', '');
    if (!DIGITS.test(digits)) return undefined;
    return { digits, kind: digits.length === CODE_DIGITS ? 'one' : 'two' };
  }

  stepOf(secret: Secret, { digits, kind }: TypedCode): number | undefined {
    const key = OTPAuth.Secret.fromBase32(secret.reveal());
    const now = Math.floor(this.options.clock.now() / (PERIOD_SECONDS * 1000));
    if (kind === 'one') return isCode(key, digits, now) ? now : undefined;
    const [first, second] = [digits.slice(0, CODE_DIGITS), digits.slice(CODE_DIGITS)];
    for (let step = Math.max(0, now - SKEW_STEPS); step < now + SKEW_STEPS; step += 1) {
      if (isCode(key, first, step) && isCode(key, second, step + 1)) return step + 1;
    }
    return undefined;
  }
}

/** Compared in constant time. */
function isCode(secret: OTPAuth.Secret, token: string, step: number): boolean {
  const timestamp = step * PERIOD_SECONDS * 1000;
  return OTPAuth.TOTP.validate({ token, secret, period: PERIOD_SECONDS, timestamp, window: 0 }) !== null;
}
