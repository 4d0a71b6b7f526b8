import { randomBytes, randomInt } from 'node:crypto';
import { Secret } from '../../kernel/secret.js';
import type { RandomSource } from '../../ports/access.js';

/** Without letters and digits that are easily confused. */
const LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789';
const GROUPS = 5;
const GROUP_LENGTH = 5;

/** Node's generator of the operating system. */
export const systemRandom: RandomSource = {
  token: () => new Secret(randomBytes(32).toString('base64url')),
  id: (prefix) => `${prefix}-${randomBytes(16).toString('hex')}`,
  recoveryCode: () => new Secret(Array.from({ length: GROUPS }, group).join('-')),
};

function group(): string {
  return Array.from({ length: GROUP_LENGTH }, () => LETTERS.charAt(randomInt(LETTERS.length))).join('');
}
