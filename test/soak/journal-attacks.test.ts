import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { AttackedHome } from '../support/attacked-home.js';

const WAYS = 500;
const home = new AttackedHome();
beforeAll(() => home.make());
afterAll(() => home.remove());

test(`a journal that was attacked in ${WAYS} other ways is refused by every command`, async () => {
  const seen: string[] = [];
  for (let seed = 1_000; seed < 1_000 + WAYS; seed += 1) seen.push(await home.attack(seed));
  expect(seen).toHaveLength(WAYS);
});
