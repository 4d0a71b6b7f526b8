import { describe, expect, test } from '@jest/globals';
import { manualReason } from '../../../src/domain/risk/protections.js';
import { credentialIn } from '../../../src/kernel/credentials.js';
import { failureOf } from '../support/failure.js';

const KEY = `${'k3Yk3Y-_'.repeat(6).slice(0, 43)}=`;

describe('texts that stay for good', () => {
  test.each([
    'password=hunter2',
    'new SMTP_PASSWORD = "hunter2 x"',
    'api-key:abcd1234',
    'token="abcd1234"',
    'https://anna:hunter2@broker.example/v1',
    'curl -H "Authorization: Bearer abcdefghijklmnopqrstuvwxyz"',
    'it was tbp_0123456789abcdefghijABCDEFGHIJ',
    '-----BEGIN EC PRIVATE KEY-----',
    `opened with gAAAAA${'x'.repeat(40)}`,
    `the master key ${KEY} was lost`,
  ])('a pasted credential is seen: %s', (text) => {
    expect(credentialIn(text)).toEqual(expect.any(String));
    const refused = failureOf(() => manualReason(text));
    expect(refused.code).toBe('CREDENTIAL_IN_TEXT');
    expect(refused.line).not.toMatch(/hunter2|abcd1234|k3Yk3Y/);
  });

  test.each([
    'the password of anna was reset',
    'password: reset by anna, she had forgotten it',
    'rotated because the token leaked',
    'secret = ?',
    'the key of order DEMO-US-SIM-B01-00000000000000000000000000000000001',
    'see https://broker.example/status?day=2026-11-29',
    'basic requirements changed; bearer of the news was the broker',
    `digest ${'0f'.repeat(32)}`,
  ])('prose is not: %s', (text) => {
    expect(credentialIn(text)).toBeUndefined();
    expect(manualReason(text)).toBe(text);
  });

  test('a long text costs little and is looked at from its beginning', () => {
    const text = `${'password '.repeat(20_000)}password=hunter2`;
    expect(credentialIn(text)).toBeUndefined();
    expect(credentialIn(`password=hunter2 ${text}`)).toBe('a credential');
  });
});
