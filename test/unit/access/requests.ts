import type { LoginRequest } from '../../../src/app/access/login.js';
import { secret } from '../../../src/kernel/secret.js';

export const PASSWORD = 'correct horse battery staple';

export function request(name: string, more: Partial<LoginRequest> = {}): LoginRequest {
  return { name, password: secret(PASSWORD), code: null, address: '192.0.2.7', previous: null, device: null, ...more };
}
