import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { chmodSync, chownSync, lstatSync, mkdirSync, renameSync, symlinkSync } from 'node:fs';
import { openHome, type OpenedHome } from '../../../src/adapters/home/home.js';
import { refuseUnsafeHome, watchedPaths } from '../../../src/adapters/home/home-owner.js';
import { TradeBotError } from '../../../src/kernel/errors.js';
import { prepareHome } from '../../../src/processes/main/prepare-home.js';
import { removeTemporaryHomes, temporaryHome } from '../support/home.js';

afterAll(removeTemporaryHomes);

const identity = { entityCode: 'DEMO', jurisdictionCode: 'US', brokerCode: 'SIM', botId: 'B01' };
let home: string;
let paths: OpenedHome['paths'];
beforeEach(() => {
  home = `${temporaryHome()}/home`;
  ({ paths } = openHome({ dir: home, identity, create: true, version: '0' }));
});

/** What the start of the bot, and each command that writes, says of the home. */
function refusals(): readonly string[] {
  const say = (work: () => unknown): string => {
    try {
      work();
      return 'accepted';
    } catch (error) {
      return error instanceof TradeBotError ? `${error.code}: ${error.message}. ${error.remedy}` : String(error);
    }
  };
  return [
    say(() => prepareHome(home, process.getuid?.())),
    say(() => openHome({ dir: home, create: true, version: '0' })),
  ];
}
const both = (text: string): readonly unknown[] => [expect.stringContaining(text), expect.stringContaining(text)];

describe('a home that others may change', () => {
  test('a home as it is made is accepted, also by one who makes files for everybody', () => {
    expect(refusals()).toEqual(['accepted', 'accepted']);
    const before = process.umask(0);
    try {
      home = `${temporaryHome()}/open`;
      openHome({ dir: home, identity, create: true, version: '0' });
      expect(refusals()).toEqual(['accepted', 'accepted']);
    } finally {
      process.umask(before);
    }
  });

  test.each(['', '/control', '/storage', '/output'])(
    'a folder "home%s" that everybody may write is refused',
    (below) => {
      chmodSync(`${home}${below}`, 0o777);
      const said = refusals();
      expect(said).toEqual(both('HOME_UNSAFE: other users may write in '));
      expect(said).toEqual(both(`chmod go-w ${home}${below}. A kill works all the same`));
      chmodSync(`${home}${below}`, 0o755);
      expect(refusals()).toEqual(['accepted', 'accepted']);
    },
  );

  test.each(['control', 'storage', 'output'])('a link in the place of %s is refused', (name) => {
    renameSync(`${home}/${name}`, `${home}/elsewhere`);
    symlinkSync(`${home}/elsewhere`, `${home}/${name}`);
    expect(refusals()).toEqual(both(`HOME_UNSAFE: ${home}/${name} is a symbolic link`));
  });

  test('each folder of the tree is looked at, and the files that open it', () => {
    const own = { uid: lstatSync(home).uid, gid: lstatSync(home).gid };
    const all = watchedPaths(paths).filter((path) => lstatSync(path, { throwIfNoEntry: false }) !== undefined);
    expect(all.length).toBeGreaterThan(15);
    for (const path of all) {
      const { mode } = lstatSync(path);
      chmodSync(path, 0o777);
      expect(() => refuseUnsafeHome(home, watchedPaths(paths), own)).toThrow(`other users may write in ${path}`);
      chmodSync(path, mode & 0o7777);
    }
    expect(() => refuseUnsafeHome(home, watchedPaths(paths), own)).not.toThrow();
  });

  test('a folder above it in which everybody may rename is refused, one like /tmp is not', () => {
    const above = temporaryHome();
    home = `${above}/home`;
    openHome({ dir: home, identity, create: true, version: '0' });
    chmodSync(above, 0o777);
    expect(refusals()).toEqual(both(`everybody may write in ${above}, so that others can replace the home`));
    chmodSync(above, 0o1777);
    expect(refusals()).toEqual(['accepted', 'accepted']);
  });

  test('a folder of another user is refused with both users named', () => {
    const { uid, gid } = lstatSync(home);
    const foreign = uid === 0 ? 54_321 : uid;
    if (uid === 0) chownSync(`${home}/control`, foreign, foreign);
    const own = uid === 0 ? { uid, gid } : { uid: uid + 1, gid: uid + 1 };
    expect(() => refuseUnsafeHome(home, [`${home}/control`], own)).toThrow(
      `belongs to user ${foreign}, and the bot runs as user ${own.uid}`,
    );
  });

  test('commands that only read open it, since a person must see what is in it', () => {
    mkdirSync(`${home}/other`);
    chmodSync(home, 0o777);
    expect(openHome({ dir: home, create: false, version: '0' }).identity).toBe('DEMO_US_SIM_B01');
  });
});
