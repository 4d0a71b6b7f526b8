import { expect, test } from '@jest/globals';
import { settingSubject } from '../../../src/ui/frame/setting-subject.js';

test('a setting is offered by its key to those who may read settings alone', () => {
  expect(settingSubject('MAX_TRADES', ['read', 'settings'])).toBe('setting:MAX_TRADES');
  expect(settingSubject('MAX_TRADES', ['read', 'control'])).toBeUndefined();
  expect(settingSubject('AIG', ['read', 'settings'])).toBeUndefined();
});
