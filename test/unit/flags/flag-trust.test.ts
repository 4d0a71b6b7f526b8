import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { VirtualClock } from '../../../src/adapters/clock/virtual-clock.js';
import { FileControlFolder } from '../../../src/adapters/flags/control-folder.js';
import { FlagWatch } from '../../../src/adapters/flags/flag-watch.js';
import { writeFlag } from '../../../src/adapters/flags/write-flag.js';
import { othersMayWrite } from '../../../src/adapters/files/owner.js';
import { ControlFlagProcessor } from '../../../src/app/flags/control-flag-processor.js';
import type { FlagOutcome } from '../../../src/app/flags/flag.js';
import { basePaths, type BasePaths } from '../../../src/domain/home/home-paths.js';
import { secret } from '../../../src/kernel/secret.js';
import { epochMs } from '../../../src/kernel/time.js';
import { removeTemporaryHomes, temporaryHome } from '../support/home.js';
import { eventually } from '../../support/eventually.js';

afterAll(removeTemporaryHomes);

const key = secret('the key of one run of main');
const clock = new VirtualClock(epochMs(1_700_000_000_000));
/** A user who is neither the one who runs this test nor root: files of this test are then a stranger's to the bot. */
const stranger = { uid: 4_000_000, gid: 4_000_000 };
let control: BasePaths['control'];
beforeEach(() => {
  control = basePaths(temporaryHome()).control;
  mkdirSync(control.dir, { mode: 0o755 });
});

const found = (folder = new FileControlFolder(control, { key })): readonly unknown[] =>
  folder.look().map(({ name, content, provenBy }) => ['fault' in content ? content.fault : name, provenBy]);

describe('who a flag is of', () => {
  test('a flag of the web names its user, and no other flag, key or content does', () => {
    writeFlag('kill', { control, clock, by: 'U-1', key });
    expect(found()).toEqual([['control_kill.flag', 'U-1']]);
    renameSync(control.flag('control_kill.flag'), control.flag('control_stop.flag'));
    expect(found()).toEqual([['control_stop.flag', null]]);
    writeFlag('stop', { control, clock, by: 'U-1', key: secret('another main') });
    expect(found()).toEqual([['control_stop.flag', null]]);
    writeFlag('stop', { control, clock, by: 'U-1', key });
    expect(found(new FileControlFolder(control))).toEqual([['control_stop.flag', null]]);
  });

  test.each([
    'U-admin',
    '{"by":"U-admin","at":"2026-11-29T00:00:00.000Z"}',
    '{"by":"U-admin","at":"2026-11-29T00:00:00.000Z","proof":""}',
    `{"by":"U-admin","at":"2026-11-29T00:00:00.000Z","proof":"${'0'.repeat(64)}"}`,
    '{"by":"U-admin","at":7,"proof":["x"]}',
    'null',
  ])('the text %j proves nobody', (text) => {
    writeFileSync(control.flag('control_kill.flag'), text);
    expect(found()).toEqual([['control_kill.flag', null]]);
  });

  test('the file of another user is never obeyed, not even a kill', () => {
    writeFileSync(control.flag('control_kill.flag'), '');
    // only root can give a file away; for every other user the bot is another one's here
    if (process.getuid?.() === 0) chownSync(control.flag('control_kill.flag'), stranger.uid, stranger.gid);
    const { uid } = statSync(control.flag('control_kill.flag'));
    const own = { uid: uid + 1, gid: uid + 1 };
    const folder = new FileControlFolder(control, { key, own });
    expect(found(folder)).toEqual([[`it belongs to user ${uid}, not to the user of the bot`, null]]);
  });

  test('in a folder that others may write only a stop or kill is obeyed', () => {
    chmodSync(control.dir, 0o777);
    for (const name of ['control_kill.flag', 'control_start.flag', 'test_mode.flag'])
      writeFileSync(control.flag(name), '');
    const fault = 'its folder is writable by other users: only a stop or kill is obeyed there';
    expect(found()).toEqual([
      ['control_kill.flag', null],
      [fault, null],
      [fault, null],
    ]);
  });

  test.each([
    [{ uid: 1000, gid: 1000, mode: 0o755 }, false],
    [{ uid: 1000, gid: 1000, mode: 0o775 }, false],
    [{ uid: 1000, gid: 1000, mode: 0o777 }, true],
    [{ uid: 1000, gid: 1000, mode: 0o702 }, true],
    [{ uid: 1000, gid: 100, mode: 0o775 }, true],
    [{ uid: 1000, gid: 100, mode: 0o755 }, false],
    [{ uid: 0, gid: 0, mode: 0o770 }, false],
  ])('a folder of %j can be written by others: %s', (stats, open) => {
    expect(othersMayWrite(stats, { uid: 1000, gid: 1000 })).toBe(open);
  });

  test('the shared first group of many users is others', () => {
    expect(othersMayWrite({ uid: 1000, gid: 100, mode: 0o770 }, { uid: 1000, gid: 100 })).toBe(true);
  });
});

describe('how old a flag is', () => {
  test.each(['control_start.flag', 'control_reset_clock.flag', 'test_mode.flag', 'control_stop.flag'])(
    '%s of last week halts at most',
    async (name) => {
      writeFileSync(control.flag(name), '{"by":null,"reason":"why"}');
      utimesSync(control.flag(name), 1_699_000_000, 1_699_000_000);
      const obeyed: string[] = [];
      const consumed: FlagOutcome[] = [];
      const act = (what: string) => async () => (obeyed.push(what), { outcome: 'obeyed' as const, reason: 'test' });
      const processor = new ControlFlagProcessor({
        folder: new FileControlFolder(control, { key }),
        ...{ obey: act('obey'), test: act('test'), reset: act('reset'), wall: clock, onTrouble: () => undefined },
        journal: {
          isConsumed: () => false,
          consumed: async (_flag, data) => void consumed.push(data),
          reported: async () => undefined,
        },
      });
      processor.look();
      await processor.settled();
      await eventually('it is consumed', () => consumed.length === 1);
      const halts = name === 'control_stop.flag';
      expect(obeyed).toEqual(halts ? ['obey'] : []);
      expect(consumed[0]?.outcome).toBe(halts ? 'obeyed' : 'refused');
      expect(existsSync(control.flag(name))).toBe(false);
    },
  );
});

describe('the folder while the bot runs', () => {
  const watched = async (work: (secured: readonly string[]) => Promise<void>): Promise<void> => {
    const secured: string[] = [];
    const watch = new FlagWatch({
      folder: new FileControlFolder(control, { key }),
      control,
      onUrgent: () => undefined,
      onChange: () => undefined,
      onSecured: (what) => secured.push(what),
      onTrouble: () => undefined,
    });
    try {
      await work(secured);
    } finally {
      watch.close();
    }
  };

  test('a folder that was opened to others is closed again', () =>
    watched(async (secured) => {
      chmodSync(control.dir, 0o777);
      await eventually('it is closed', () => (statSync(control.dir).mode & 0o022) === 0);
      await eventually('it is reported', () => secured.length === 1);
      expect(secured[0]).toContain('is writable by other users: the right of others to write was removed');
    }));

  test('a link in its place is moved aside, and the flags of the owner lie in a folder of ours again', () =>
    watched(async (secured) => {
      const home = dirname(control.dir);
      renameSync(control.dir, `${home}/mine`);
      symlinkSync(`${home}/mine`, control.dir);
      await eventually('it is made again', () => statSync(control.dir).ino !== statSync(`${home}/mine`).ino);
      writeFileSync(control.flag('control_kill.flag'), '');
      expect(found()).toEqual([['control_kill.flag', null]]);
      expect(secured).toEqual([expect.stringContaining('is a symbolic link: it was moved aside and made again')]);
      expect(readdirSync(home).filter((name) => name.startsWith('control-not-ours-'))).toHaveLength(1);
    }));
});
