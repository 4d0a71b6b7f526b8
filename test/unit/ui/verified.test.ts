import { expect, test } from '@jest/globals';
import { verifiedUpTo } from '../../../src/ui/frame/verified.js';

const at = (n: number): string => String(n).padStart(16, '0');
const journal = { head: at(1_216), count: 1_216, verified: { position: at(1_204) } };

test('says how many events came since the last verification', () => {
  expect(verifiedUpTo(journal, null)).toEqual({ position: '1204', since: 12 });
  expect(verifiedUpTo({ ...journal, verified: { position: at(1_216) } }, null)).toEqual({ position: '1216', since: 0 });
});

test('in the past it is about what is looked at', () => {
  expect(verifiedUpTo(journal, '900')).toEqual({ position: '900', since: 0 });
  expect(verifiedUpTo(journal, at(1_210))).toEqual({ position: '1204', since: 6 });
});

test('a position beyond the end counts no event that is not there', () => {
  expect(verifiedUpTo(journal, '5000')).toEqual({ position: '1204', since: 12 });
});

test('positions of a server, and those with gaps, are no counts', () => {
  const server = '00000000000000001204/00000000000000001204';
  expect(verifiedUpTo({ head: server, count: 7, verified: { position: server } }, null)?.since).toBeNull();
  expect(verifiedUpTo({ ...journal, count: 1_200 }, null)).toEqual({ position: at(1_204), since: null });
});

test('before the first verification there is nothing to say', () => {
  expect(verifiedUpTo({ ...journal, verified: null }, null)).toBeNull();
});
