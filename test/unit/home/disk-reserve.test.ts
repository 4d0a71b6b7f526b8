import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { existsSync, mkdirSync, statSync, truncateSync } from 'node:fs';
import { DiskReserve, type ReservePurpose } from '../../../src/adapters/files/disk-reserve.js';
import { basePaths } from '../../../src/domain/home/home-paths.js';
import { removeTemporaryHomes, temporaryHome } from '../support/home.js';

const MIB = 1_048_576;

let paths: { readonly exits: string; readonly halt: string };
/** What the disk says is free, without what the reserve holds; undefined when it does not answer. */
let freeMib: number | undefined;
let reserve: DiskReserve;
beforeEach(() => {
  const { storage } = basePaths(temporaryHome());
  mkdirSync(storage.dir, { recursive: true });
  paths = storage.reserve;
  freeMib = 1_000;
  reserve = new DiskReserve(paths, {
    freeBytes: () => (freeMib === undefined ? undefined : (freeMib - mib('exits') - mib('halt')) * MIB),
  });
});
afterAll(removeTemporaryHomes);

const mib = (purpose: ReservePurpose): number => (statSync(paths[purpose], { throwIfNoEntry: false })?.size ?? 0) / MIB;
const both = (): readonly number[] => [mib('exits'), mib('halt')];

describe('the reserve of a disk', () => {
  test('it is set aside whole, takes real space, and is closed to others', async () => {
    expect(reserve.isWhole).toBe(false);
    await reserve.make();
    expect([both(), reserve.isWhole]).toEqual([[8, 16], true]);
    for (const path of Object.values(paths)) {
      const { blocks, size, mode } = statSync(path);
      expect(blocks * 512).toBeGreaterThanOrEqual(size);
      expect(mode & 0o777).toBe(0o600);
    }
  });

  test('a part that a crash left is completed; two attempts at once are one', async () => {
    await reserve.make();
    truncateSync(paths.halt, 3 * MIB + 5);
    expect(reserve.isWhole).toBe(false);
    await Promise.all([reserve.make(), reserve.make()]);
    expect(both()).toEqual([8, 16]);
  });

  test.each([
    [1_000, [8, 16]],
    [88, [8, 16]],
    // what a halt needs comes first
    [87, [0, 16]],
    [80, [0, 16]],
    [79, [8, 0]],
    [71, [0, 0]],
    [undefined, [0, 0]],
  ])('with %s MiB free it leaves at least 64 MiB', async (free, made) => {
    freeMib = free;
    await reserve.make();
    expect(both()).toEqual(made);
  });

  test('exits get their share, a halt gets everything; giving back twice is harmless', async () => {
    await reserve.make();
    reserve.release('exits');
    expect(both()).toEqual([0, 16]);
    reserve.release('halt');
    reserve.release('halt');
    expect([both(), existsSync(paths.exits), existsSync(paths.halt)]).toEqual([[0, 0], false, false]);
  });

  test.each([
    [100, [8, 16]],
    [28, [8, 16]],
    // 24 MiB are the reserve itself
    [27, [0, 0]],
    [undefined, [0, 0]],
  ])('with %s MiB free in all, a halt asks for it', async (free, left) => {
    await reserve.make();
    freeMib = free;
    reserve.releaseIfFull('halt');
    expect(both()).toEqual(left);
  });

  test('a folder in its place, or none around it, does no harm', async () => {
    mkdirSync(paths.halt);
    await reserve.make();
    expect([mib('exits'), reserve.isWhole]).toEqual([8, false]);
    const nowhere = new DiskReserve({ exits: '/nowhere/exits', halt: '/nowhere/halt' });
    await nowhere.make();
    nowhere.releaseIfFull('halt');
    expect(nowhere.isWhole).toBe(false);
  });
});
