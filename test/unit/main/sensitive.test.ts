import { describe, expect, test } from '@jest/globals';
import type { RecordedEvent } from '../../../src/events/event.js';
import { isSensitive } from '../../../src/processes/main/main-journal.js';

const after = (type: string, data: object = {}): boolean => isSensitive({ type, data } as RecordedEvent);

describe('keys are rotated after every change of a user or role (SEC-3)', () => {
  test.each(['UserRegistered', 'UserRoleChanged', 'UserDisabled', 'UserEnabled', 'SecondFactorChanged'])(
    '%s',
    (type) => {
      expect(after(type)).toBe(true);
    },
  );

  test.each([
    ['own', true],
    ['admin', true],
    ['reset', true],
    ['rehash', false],
  ])('a password changed by %s: %s', (how, due) => {
    expect(after('PasswordChanged', { how })).toBe(due);
  });

  test.each(['LoginSucceeded', 'LoginFailed', 'SessionEnded', 'ConfigChanged', 'SecretsRotated'])('not %s', (type) => {
    expect(after(type)).toBe(false);
  });
});
