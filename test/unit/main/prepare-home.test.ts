import { afterAll, describe, expect, test } from '@jest/globals';
import { EMBEDDED } from '../../../src/domain/config/journal-address.js';
import { mkdirSync, realpathSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { hasEngine, isSettingUp, shutsDown } from '../../../src/domain/lifecycle/bot-state.js';
import { openHome } from '../../../src/adapters/home/home.js';
import { prepareHome, settledHome } from '../../../src/processes/main/prepare-home.js';
import { newSetupToken } from '../../../src/processes/main/setup-token.js';
import { removeTemporaryHomes, temporaryHome } from '../support/home.js';

afterAll(removeTemporaryHomes);

const codeOf = (work: () => unknown): string => {
  try {
    work();
    return 'nothing';
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('the home of a bot', () => {
  test('it is created, with secrets for the owner only, and is not yet a home', () => {
    const base = prepareHome(`${temporaryHome()}/new/home/`, process.getuid?.());
    expect(statSync(base.storage.dir).mode & 0o777).toBe(0o700);
    expect(statSync(base.control.dir).isDirectory() && statSync(base.output.systemLogs).isDirectory()).toBe(true);
    expect(settledHome(base, '0', () => EMBEDDED)).toBe(undefined);
  });

  test('it has one name, also behind a link', () => {
    const home = temporaryHome();
    mkdirSync(`${home}/real`);
    symlinkSync(`${home}/real`, `${home}/link`);
    expect(prepareHome(`${home}/link`, undefined).home).toBe(realpathSync(`${home}/real`));
  });

  test('an unusable path is refused in one line', () => {
    const home = temporaryHome();
    writeFileSync(`${home}/file`, '');
    expect(codeOf(() => prepareHome(`${home}/file`, undefined))).toBe('HOME_NOT_A_FOLDER');
    expect(codeOf(() => prepareHome(`${home}/file/home`, undefined))).toBe('HOME_NOT_WRITABLE');
    mkdirSync(`${home}/storage`);
    expect(codeOf(() => prepareHome(home, 54_321))).toBe('HOME_OTHER_USER');
    writeFileSync(`${home}/control`, '');
    expect(codeOf(() => prepareHome(home, process.getuid?.()))).toBe('HOME_NOT_WRITABLE');
    expect(() => prepareHome(home, process.getuid?.())).toThrow(`${home}/control is a file`);
  });

  test('a home without its journal or marker is not a new one', () => {
    const base = prepareHome(temporaryHome(), process.getuid?.());
    const identity = { entityCode: 'DEMO', jurisdictionCode: 'US', brokerCode: 'SIM', botId: 'B01' };
    const { paths } = openHome({ dir: base.home, identity, create: true, version: '0' });
    expect(settledHome(base, '0', () => EMBEDDED)).toBe(undefined);
    writeFileSync(paths.storage.usersDb, 'users');
    expect(codeOf(() => settledHome(base, '0', () => EMBEDDED))).toBe('HOME_INCOMPLETE');
    writeFileSync(paths.storage.journalDb, '');
    expect(codeOf(() => settledHome(base, '0', () => EMBEDDED))).toBe('HOME_INCOMPLETE');
    writeFileSync(paths.storage.journalDb, 'events');
    expect(settledHome(base, '0', () => EMBEDDED)?.identity).toBe('DEMO_US_SIM_B01');
    rmSync(base.marker);
    expect(codeOf(() => settledHome(base, '0', () => EMBEDDED))).toBe('HOME_INCOMPLETE');
    rmSync(paths.storage.usersDb);
    expect(settledHome(base, '0', () => EMBEDDED)).toBe(undefined);
  });
});

describe('the state decides', () => {
  test('whether setup is open, an engine must run, and SIGTERM shuts down', () => {
    const rows = (['initialize', 'registration', 'started', 'trading', 'stopped', 'error'] as const).map((state) => [
      isSettingUp(state),
      hasEngine(state),
      shutsDown(state),
    ]);
    expect(rows).toEqual([
      [true, false, false],
      [false, false, false],
      [false, true, true],
      [false, true, true],
      [false, true, false],
      [false, true, false],
    ]);
    expect(shutsDown('emergency_closing_positions')).toBe(false);
  });

  test('the token cannot be guessed or printed', () => {
    expect(newSetupToken().reveal()).not.toBe(newSetupToken().reveal());
    expect(`${String(newSetupToken())} ${JSON.stringify(newSetupToken())}`).toBe('*** "***"');
  });
});
