import * as OTPAuth from 'otpauth';

const STEP_MS = 30_000;

/**
 * What an authenticator app shows for a key: two codes that follow each other, which are right also when a step ends meanwhile.
 * A code works once: `stepsAhead` gives those of later.
 */
export function twoCodes(key: string, stepsAhead = 0): string {
  const totp = new OTPAuth.TOTP({ secret: OTPAuth.Secret.fromBase32(key), digits: 6, period: 30 });
  const code = (steps: number): string => totp.generate({ timestamp: Date.now() + steps * STEP_MS });
  return `${code(stepsAhead)}${code(stepsAhead + 1)}`;
}
