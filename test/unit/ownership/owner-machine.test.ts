import { cpSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, describe, expect, test } from '@jest/globals';
import { ownerMachine } from '../../../src/adapters/home/owner-machine.js';
import { eventually } from '../../support/eventually.js';
import { removeTemporaryHomes, temporaryHome } from '../support/home.js';

afterAll(removeTemporaryHomes);

const { pid } = process;

describe('a process as an owner of its bot (JRN-9)', () => {
  test('each start has an instance of its own, and the same home the same fingerprint', () => {
    const home = temporaryHome();
    const [first, second] = [ownerMachine({ home, pid }).self, ownerMachine({ home, pid }).self];
    expect(first.instance).not.toBe(second.instance);
    expect({ ...first, instance: '' }).toEqual({ ...second, instance: '' });
  });

  test('a copy of a home has another fingerprint, also in the place of the original', () => {
    const folder = temporaryHome();
    const home = join(folder, 'bot');
    mkdirSync(home);
    const { fingerprint } = ownerMachine({ home, pid }).self;
    cpSync(home, join(folder, 'copy'), { recursive: true });
    expect(ownerMachine({ home: join(folder, 'copy'), pid }).self.fingerprint).not.toBe(fingerprint);
    renameSync(home, join(folder, 'original'));
    cpSync(join(folder, 'copy'), home, { recursive: true });
    expect(ownerMachine({ home, pid }).self.fingerprint).not.toBe(fingerprint);
  });

  test('a process has ended only when this machine proves it', async () => {
    const home = temporaryHome();
    const child = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)']);
    await once(child, 'spawn');
    const ended = ownerMachine({ home, pid }).hasEnded;
    const owner = ownerMachine({ home, pid: child.pid! }).self;
    const [scope = '', id = '', start = ''] = owner.process.split('/');
    expect(ended(owner)).toBe(false);
    // its number was given to another process since
    expect(ended({ ...owner, process: [scope, id, `${start}1`].join('/') })).toBe(true);
    child.kill('SIGKILL');
    await once(child, 'close');
    expect(ended(owner)).toBe(true);
    // another container of this machine, another start of it, another machine, or a text that is none: nobody knows
    expect(ended({ ...owner, process: [`${scope}1`, id, start].join('/') })).toBe(false);
    expect(ended({ ...owner, process: ['another-boot', id, start].join('/') })).toBe(false);
    expect(ended({ ...owner, process: '' })).toBe(false);
  });

  test('a process that ended is dead, also while nobody has waited for it', async () => {
    const home = temporaryHome();
    // the shell becomes a program that never waits for the child of the shell
    const parent = spawn('sh', ['-c', 'sleep 60 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] });
    const [text] = (await once(parent.stdout, 'data')) as [Buffer];
    const child = Number(text.toString());
    const owner = ownerMachine({ home, pid: child }).self;
    const { hasEnded } = ownerMachine({ home, pid });
    process.kill(child, 'SIGKILL');
    await eventually('the child is dead', () => readFileSync(`/proc/${child}/stat`, 'utf8').includes(') Z '));
    expect(hasEnded(owner)).toBe(true);
    parent.kill('SIGKILL');
    await once(parent, 'close');
  });

  test('main, which never acts at the broker, is followed by its engine without a wait', () => {
    const home = temporaryHome();
    const main = ownerMachine({ home, pid }).self;
    expect(ownerMachine({ home, pid: process.ppid, parent: pid }).hasEnded(main)).toBe(true);
    expect(ownerMachine({ home, pid: process.ppid }).hasEnded(main)).toBe(false);
  });

  test('two confirmations never share a nonce', () => {
    const { nonce } = ownerMachine({ home: temporaryHome(), pid });
    expect(new Set(Array.from({ length: 100 }, nonce)).size).toBe(100);
  });
});
