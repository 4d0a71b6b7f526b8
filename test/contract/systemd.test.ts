import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ServiceManager } from '../../src/adapters/systemd/notify.js';
import { testNeeding, tool } from '../support/needs.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
const UNIT = join(ROOT, 'systemd/tbot_bot.service');
const INSTALL = join(ROOT, 'systemd/install.sh');
const systemdAnalyze = tool('systemd-analyze');

let place: string;
beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), 'tradebot-systemd-'));
});
afterAll(() => rmSync(place, { recursive: true, force: true }));

describe('the systemd unit', () => {
  test('it is a user unit without root that starts with the session, restarts on failure and is watched', () => {
    const text = readFileSync(UNIT, 'utf8');
    for (const line of [
      'Type=notify',
      'NotifyAccess=all',
      'Restart=on-failure',
      'WatchdogSec=60',
      'WantedBy=default.target',
      'NoNewPrivileges=yes',
      'StandardOutput=journal',
      'KillMode=mixed',
      'UMask=0077',
      'SystemCallFilter=@system-service',
      'SystemCallFilter=~@privileged @resources @keyring',
      'SystemCallErrorNumber=EPERM',
    ]) {
      expect(text.split('\n')).toContain(line);
    }
    expect(text).not.toMatch(/^(User|Group)=|sudo/m);
  });

  testNeeding(systemdAnalyze)('it passes systemd-analyze', () => {
    const env = { PATH: '/usr/bin:/bin', HOME: place, XDG_RUNTIME_DIR: place };
    const run = spawnSync('systemd-analyze', ['verify', '--user', UNIT], { env, encoding: 'utf8' });
    expect({ status: run.status, said: run.stderr + run.stdout }).toEqual({ status: 0, said: '' });
  });

  testNeeding(systemdAnalyze)('its exposure stays below 7 of 10, as systemd counts it', () => {
    const env = { PATH: '/usr/bin:/bin', HOME: place, XDG_RUNTIME_DIR: place };
    const args = ['security', '--user', '--offline=true', '--threshold=70', UNIT];
    const run = spawnSync('systemd-analyze', args, { env, encoding: 'utf8' });
    expect([run.status, /Overall exposure level.*: ([0-9.]+)/.exec(run.stdout)?.[1]]).toEqual([0, expect.any(String)]);
  });
});

describe('the install script', () => {
  let home: string;
  let bin: string;
  let calls: string;

  beforeEach(() => {
    home = mkdtempSync(join(place, 'home-'));
    bin = join(home, 'bin');
    calls = join(home, 'calls');
    mkdirSync(bin);
    fake('systemctl', `echo "$@" >> '${calls}'`);
    fake('loginctl', 'echo no');
  });

  function fake(name: string, body: string): void {
    writeFileSync(join(bin, name), `#!/bin/sh\n${body}\n`);
    chmodSync(join(bin, name), 0o755);
  }

  function install(...args: readonly string[]): { code: number | null; out: string; err: string } {
    const env = { HOME: home, PATH: `${bin}:${join(process.execPath, '..')}:/usr/bin:/bin` };
    const run = spawnSync('sh', [INSTALL, ...args], { env, encoding: 'utf8', cwd: home });
    return { code: run.status, out: run.stdout, err: run.stderr };
  }

  test('it links the unit, records the program path, reloads and prints the next command; a second run changes nothing', () => {
    const first = install('--home', 'my bot 100%');
    expect([first.code, first.err]).toEqual([0, '']);
    const target = join(home, '.config/systemd/user');
    expect(readlinkSync(join(target, 'tbot_bot.service'))).toBe(UNIT);
    const dropIn = readFileSync(join(target, 'tbot_bot.service.d/10-place.conf'), 'utf8');
    expect(dropIn).toContain(`Environment="TRADEBOT_HOME=${home}/my bot 100%%"`);
    expect(dropIn).toContain(`ExecStart=/bin/sh "${ROOT}/src/processes/cli/tradebot" run`);
    expect(readFileSync(calls, 'utf8')).toContain('--user daemon-reload');
    expect(first.out).toContain('loginctl enable-linger');
    expect(first.out).toContain('systemctl --user enable --now tbot_bot.service');
    expect(install('--home', 'my bot 100%')).toEqual(first);
    fake('loginctl', 'echo yes');
    expect(install().out).not.toContain('linger');
  });

  testNeeding(systemdAnalyze)('it writes a unit that systemd accepts', () => {
    install('--home', 'my bot 100%');
    const env = { PATH: '/usr/bin:/bin', HOME: home, XDG_RUNTIME_DIR: home };
    const linked = join(home, '.config/systemd/user/tbot_bot.service');
    const run = spawnSync('systemd-analyze', ['verify', '--user', linked], { env, encoding: 'utf8' });
    expect({ status: run.status, said: run.stderr + run.stdout }).toEqual({ status: 0, said: '' });
  });

  test.each([
    { what: 'no user manager', name: 'systemctl', body: 'exit 1', said: /no user manager|did not answer/, args: [] },
    {
      what: 'an old node',
      name: 'node',
      body: 'echo "Node 16.20.2 is not supported" >&2; exit 1',
      said: /Node 16.20.2 is not supported/,
      args: [],
    },
    { what: 'a strange option', name: 'unused', body: '', said: /Unknown option/, args: ['--force'] },
    { what: 'a home without a name', name: 'unused', body: '', said: /needs a folder/, args: ['--home'] },
  ])('it refuses with $what in one line', ({ name, body, said, args }) => {
    fake(name, body);
    const { code, err } = install(...args);
    expect([code, err.trim().split('\n').length]).toEqual([1, 1]);
    expect(err).toMatch(said);
  });

  test('it keeps a file that another program created', () => {
    const target = join(home, '.config/systemd/user');
    mkdirSync(target, { recursive: true });
    writeFileSync(join(target, 'tbot_bot.service'), 'mine');
    expect(install().err).toContain('not our link');
    expect(lstatSync(join(target, 'tbot_bot.service')).isFile()).toBe(true);
    expect(existsSync(join(target, 'tbot_bot.service.d'))).toBe(false);
  });
});

describe('notifications to the service manager', () => {
  const LISTEN = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print('bound', flush=True)
while True:
    for line in s.recv(4096).decode().split('\\n'):
        print(line, flush=True)
`;

  testNeeding(tool('python3'), tool('systemd-notify'))('they arrive at a real datagram socket in order', async () => {
    const socket = join(place, 'notify.sock');
    const listener = spawn('python3', ['-c', LISTEN, socket], { stdio: ['ignore', 'pipe', 'inherit'] });
    const heard: string[] = [];
    try {
      await new Promise<void>((resolve) => {
        listener.stdout.on('data', (chunk: Buffer) => {
          heard.push(...chunk.toString().trim().split('\n'));
          resolve();
        });
      });
      const service = new ServiceManager({ socket, watchdogUsec: 2_000_000, pid: process.pid, path: '/usr/bin:/bin' });
      expect([service.present, service.pingEveryMs]).toEqual([true, 1_000]);
      await service.notify({ word: 'status', text: 'state: idle\nEVIL=1' });
      for (const word of ['ready', 'watchdog', 'reloading', 'stopping'] as const) await service.notify({ word });
      const words = heard.filter((line) => /^(READY|STATUS|WATCHDOG|RELOADING|STOPPING|EVIL)=/.test(line));
      expect(words).toEqual(['STATUS=state: idle EVIL=1', 'READY=1', 'WATCHDOG=1', 'RELOADING=1', 'STOPPING=1']);
      expect(service.failures).toBe(0);
    } finally {
      listener.kill('SIGKILL');
    }
  });

  test('without a manager they do nothing, and failures are only counted', async () => {
    const none = new ServiceManager({ socket: undefined, watchdogUsec: 1, pid: 1, path: '/usr/bin:/bin' });
    await none.notify({ word: 'ready' });
    expect([none.present, none.pingEveryMs, none.failures]).toEqual([false, undefined, 0]);
    const gone = new ServiceManager({ socket: join(place, 'gone'), watchdogUsec: 1, pid: 1, path: '/nowhere' });
    await gone.notify({ word: 'ready' });
    expect(gone.failures).toBe(1);
  });
});
