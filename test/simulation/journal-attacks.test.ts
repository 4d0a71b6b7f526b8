import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { AttackedHome } from '../support/attacked-home.js';
import { ATTACKS } from '../support/journal-attacks.js';

const WAYS = 104;
const home = new AttackedHome();
beforeAll(() => home.make());
afterAll(() => home.remove());

test(`a journal that was attacked in ${WAYS} ways is refused by every command, and nothing is made from it`, async () => {
  const seen = new Set<string>();
  for (let seed = 0; seed < WAYS; seed += 1) seen.add(await home.attack(seed));
  const attacked = new Set([...seen].map((one) => one.split(' / ')[0]));
  expect([...attacked].sort()).toEqual(Object.keys(ATTACKS).sort());
});
