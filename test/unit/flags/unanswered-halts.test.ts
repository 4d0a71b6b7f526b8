import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { FileControlFolder } from '../../../src/adapters/flags/control-folder.js';
import { UnansweredHalts } from '../../../src/adapters/flags/unanswered-halts.js';
import { basePaths, type BasePaths } from '../../../src/domain/home/home-paths.js';
import { removeTemporaryHomes, temporaryHome } from '../support/home.js';

afterAll(removeTemporaryHomes);

let control: BasePaths['control'];
let now = 0;
let halts: UnansweredHalts;
const names = (): readonly string[] => halts.look().map(({ name }) => name);

beforeEach(() => {
  control = basePaths(temporaryHome()).control;
  mkdirSync(control.dir);
  now = 5_000;
  halts = new UnansweredHalts(new FileControlFolder(control), { elapsedMs: () => now });
});

describe('flags that main leaves', () => {
  test('a kill or stop counts a second after its first sight; starts and tests are left to main', () => {
    for (const name of ['control_kill.flag', 'control_stop.flag', 'control_start.flag', 'test_mode.flag']) {
      writeFileSync(control.flag(name), '');
    }
    expect(names()).toEqual([]);
    now += 999;
    expect(names()).toEqual([]);
    now += 1;
    expect(names()).toEqual(['control_kill.flag', 'control_stop.flag']);
  });

  test('a flag that main answered in between, and a new one in its place, wait a second of their own', () => {
    const path = control.flag('control_kill.flag');
    writeFileSync(path, '');
    expect(names()).toEqual([]);
    rmSync(path);
    now += 700;
    expect(names()).toEqual([]);
    writeFileSync(path, '');
    now += 700;
    expect(names()).toEqual([]);
    now += 1_000;
    const [flag] = halts.look();
    expect(flag?.name).toBe('control_kill.flag');
    expect(flag !== undefined && halts.remove(flag)).toBe(true);
    expect(existsSync(path)).toBe(false);
  });
});
