import * as OTPAuth from 'otpauth';
import type { Clock } from '../../kernel/time.js';
import { Secret } from '../../kernel/secret.js';
import type { OneTimeCodes } from '../../ports/access.js';

const PERIOD_SECONDS = 30;
const SECRET_BYTES = 20;
const CODE = /^\d{6}$/;

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

  stepOf(secret: Secret, code: string): number | undefined {
    const digits = code.replaceAll(' ', '');
    if (!CODE.test(digits)) return undefined;
    const timestamp = this.options.clock.now();
    const key = OTPAuth.Secret.fromBase32(secret.reveal());
    const delta = OTPAuth.TOTP.validate({ token: digits, secret: key, period: PERIOD_SECONDS, timestamp, window: 1 });
    return delta === null ? undefined : Math.floor(timestamp / (PERIOD_SECONDS * 1000)) + delta;
  }
}
