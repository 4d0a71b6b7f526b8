import { afterAll, describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { basePaths } from '../../src/domain/home/home-paths.js';
import {
  BOT_STATES,
  hasEngine,
  isActive,
  isAtRest,
  isSettingUp,
  type BotState,
} from '../../src/domain/lifecycle/bot-state.js';
import { controlProgram, statusProgram } from '../unit/cli/control-program.js';
import { removeScratch, ROOT, scratchFolder } from './support/program.js';

afterAll(removeScratch);

const CLI = join(ROOT, 'src/processes/cli');
const TRADEBOT = join(CLI, 'tradebot');
/** The programs that the shell script needs, without Node. */
const TOOLS = ['sh', 'dirname', 'readlink', 'printf', 'cat'];

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs the shell script with only these programs in PATH; each is a script body, or true for the machine's own. */
function launch(args: readonly string[], programs: Readonly<Record<string, string | true>>, script = TRADEBOT): Ended {
  const bin = join(scratchFolder(), 'bin');
  mkdirSync(bin);
  for (const [name, body] of Object.entries(programs)) {
    if (body === true)
      symlinkSync(spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).stdout.trim(), join(bin, name));
    else {
      writeFileSync(join(bin, name), `#!/bin/sh\n${body}\n`);
      chmodSync(join(bin, name), 0o755);
    }
  }
  const { status, stdout, stderr } = spawnSync('/bin/sh', [script, ...args], { env: { PATH: bin }, encoding: 'utf8' });
  return { code: status, out: stdout, err: stderr };
}

const SHELL = Object.fromEntries(TOOLS.map((name) => [name, true as const]));
const OWN_NODE = { node: `exec '${process.execPath}' "$@"` };

/** A home of a bot as far as a control command looks: a folder of flags and a state. */
function homeOfBot(state = 'monitoring'): string {
  const home = scratchFolder();
  mkdirSync(join(home, 'control'));
  mkdirSync(join(home, 'storage'));
  writeFileSync(join(home, 'control/bot_state.txt'), `${state}\n`);
  return home;
}

/** The program alone in a folder: no packages, no build, nothing installed. */
function bareClone(): string {
  const root = scratchFolder();
  const cli = join(root, 'src/processes/cli');
  mkdirSync(cli, { recursive: true });
  for (const name of [
    'tradebot',
    'control.cjs',
    'status.cjs',
    'node.sh',
    'runtime.cjs',
    'setup.mjs',
    'setup-bundle.mjs',
    'setup-lock.mjs',
    'setup-ui.mjs',
    'tradebot.mjs',
  ])
    copyFileSync(join(CLI, name), join(cli, name));
  copyFileSync(join(ROOT, 'package.json'), join(root, 'package.json'));
  return root;
}

describe('kill, stop, start and status have no prerequisites', () => {
  test.each(['kill', 'stop', 'start'])('%s sets its flag with only a shell', (command) => {
    const home = homeOfBot();
    const { code, out, err } = launch([command, '--home', home], SHELL);
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain(`${home}/control/control_${command}.flag is set`);
    expect(statSync(join(home, `control/control_${command}.flag`)).size).toBe(0);
  });

  test.each([1, 2, 8, 70, 126, 139])('kill works when the Node of the shell is broken and ends with %i', (ends) => {
    const home = homeOfBot();
    const { code } = launch(['--home', home, 'kill'], { ...SHELL, node: `echo "cannot execute" >&2; exit ${ends}` });
    expect([code, readdirSync(join(home, 'control'))]).toEqual([0, ['bot_state.txt', 'control_kill.flag']]);
  });

  test('without Node a mistake or a question sets no flag', () => {
    const home = homeOfBot();
    for (const args of [
      ['kill', '--bogus', '--home', home],
      ['start', 'extra', 'word', '--home', home],
      ['kill', '--home', ''],
      ['kill', '--home'],
      ['kill', '--home='],
    ]) {
      const { code, err } = launch(args, SHELL);
      expect([args, code, err.trim().split('\n').length]).toEqual([args, 1, 1]);
    }
    const help = launch(['kill', '--help', '--home', home], SHELL);
    expect(help).toMatchObject({ code: 0, out: expect.stringContaining('Usage') });
    expect(readdirSync(join(home, 'control'))).toEqual(['bot_state.txt']);
    expect(launch(['kill', '--home', home, '--wait', '5', '--json'], SHELL).code).toBe(0);
  });

  test('without Node the home is that of the .env file, as with Node', () => {
    const root = bareClone();
    mkdirSync(join(root, 'storage'));
    const home = homeOfBot();
    writeFileSync(join(root, '.env'), `TRADEBOT_PORT=8421\nTRADEBOT_HOME="${home}"\n`);
    for (const programs of [SHELL, { ...SHELL, ...OWN_NODE }]) {
      expect(launch(['kill'], programs, join(root, 'src/processes/cli/tradebot')).code).toBe(0);
      expect(readdirSync(join(home, 'control'))).toContain('control_kill.flag');
      rmSync(join(home, 'control/control_kill.flag'));
    }
  });

  test('kill and status work in a clone without packages or build, and install nothing', () => {
    const root = bareClone();
    const home = homeOfBot();
    const script = join(root, 'src/processes/cli/tradebot');
    const kill = launch(['kill', '--home', home, '--json'], { ...SHELL, ...OWN_NODE }, script);
    expect([kill.code, JSON.parse(kill.out)]).toEqual([
      0,
      { ok: true, command: 'kill', flag: 'control_kill.flag', running: false, outcome: null },
    ]);
    expect(JSON.parse(readFileSync(join(home, 'control/control_kill.flag'), 'utf8'))).toMatchObject({ by: null });
    const status = launch(['status', `--home=${home}`], { ...SHELL, ...OWN_NODE }, script);
    expect(status.out).toContain('not running (stopped unexpectedly). Last known state:');
    expect(readdirSync(root).sort()).toEqual(['package.json', 'src']);
  });

  test('a folder without a bot is refused with and without Node', () => {
    const folder = scratchFolder();
    for (const programs of [SHELL, { ...SHELL, ...OWN_NODE }]) {
      const { code, err } = launch(['kill', '--home', folder], programs);
      expect([code, err]).toEqual([1, expect.stringContaining('HOME_MISSING')]);
    }
    expect(readdirSync(folder)).toEqual([]);
  });

  test('a flag folder that refuses writes is reported with the remedy', () => {
    const home = scratchFolder();
    mkdirSync(join(home, 'storage'));
    writeFileSync(join(home, 'control'), 'a file where the folder of the flags should be');
    const { code, err } = launch(['kill', '--home', home], { ...SHELL, ...OWN_NODE });
    expect([code, err]).toEqual([1, expect.stringMatching(/FLAG_NOT_WRITABLE.*touch /)]);
  });

  test.each([
    [['kill', '--wait', '0'], /--wait "0" is not a whole number from 1/],
    [['kill', '--wait', '9999999'], /not a whole number/],
    [['kill', '--hard'], /unknown option or argument '--hard'/],
    [['kill', 'now'], /unknown option or argument 'now'/],
    [['status', '--wait'], /unknown option or argument '--wait'/],
    [['kill', '--home', ''], /--home is empty/],
    [['kill', '--home'], /--home is empty/],
  ])('%j is refused in one line', (args, said) => {
    const { code, err } = launch(args, { ...SHELL, ...OWN_NODE });
    expect([code, err.trim().split('\n').length]).toEqual([1, 1]);
    expect(err).toMatch(said);
  });

  test('text from a home never controls the terminal', () => {
    const home = homeOfBot('error');
    mkdirSync(join(home, 'output'));
    writeFileSync(join(home, 'storage/home.json'), '{"botIdentity":"A_US_SIM_B"}');
    const reasons = ['\u001b]0;owned\u0007', '\u202ereversed'];
    writeFileSync(join(home, 'output/status.json'), JSON.stringify({ overall: { status: 'Critical', reasons } }));
    const { code, out } = launch(['status', '--home', home], { ...SHELL, ...OWN_NODE });
    expect(code).toBe(3);
    expect(out).toContain('Critical: \\u001b]0;owned\\u0007\n');
    expect(out).toContain('Critical: \\u202ereversed\n');
  });

  test('the states are those of the table', () => {
    const states = Object.keys(BOT_STATES) as BotState[];
    const where = (rule: (state: BotState) => boolean): readonly string[] => states.filter(rule).sort();
    const mayBeLeft = where((state) => isSettingUp(state) || isAtRest(state) || !hasEngine(state));
    expect([...statusProgram.AT_REST].sort()).toEqual([...mayBeLeft, 'shutdown'].sort());
    const ends = (command: string): readonly string[] => [...(controlProgram.COMMANDS[command]?.ends ?? [])].sort();
    expect(ends('start')).toEqual(where((state) => isActive(state) || state === 'error'));
    for (const command of ['stop', 'kill']) expect(ends(command)).toEqual(where(isAtRest));
  });

  test('the paths are those of the program', () => {
    const { control, lock, marker, storage, output } = basePaths('/x');
    expect(controlProgram.pathsOf('/x')).toEqual({
      home: '/x',
      marker,
      storage: storage.dir,
      holder: lock.holder,
      engine: lock.engineHolder,
      control: control.dir,
      botState: control.botState,
      lastCommand: control.lastCommand,
      status: `${output.dir}/status.json`,
      health: output.health,
    });
  });
});

describe('the Node version', () => {
  const runtime = createRequire(import.meta.url)(join(CLI, 'runtime.cjs')) as {
    isSupported(version: string): boolean;
    supportedText(): string;
    pinnedRuntime(): { readonly version: string; readonly path: string } | undefined;
  };

  test.each([
    ['18.20.8', false],
    ['20.20.2', false],
    ['22.14.0', false],
    ['22.15.0', true],
    ['22.23.3', true],
    ['23.11.1', false],
    ['24.0.0', true],
    ['24.21.0', true],
    ['25.9.0', false],
    ['26.10.0', true],
    ['27.0.0', false],
  ])('Node %s is supported: %p', (version, supported) => {
    expect(runtime.isSupported(version)).toBe(supported);
  });

  test('the version that setup installs is supported, and its integrity hash is recorded', () => {
    const pinned = runtime.pinnedRuntime();
    const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
      readonly packages: Readonly<Record<string, { readonly version: string; readonly integrity: string }>>;
    };
    const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      readonly optionalDependencies: Readonly<Record<string, string>>;
    };
    expect(new Set(Object.values(manifest.optionalDependencies)).size).toBe(1);
    for (const [name, version] of Object.entries(manifest.optionalDependencies)) {
      expect(runtime.isSupported(version)).toBe(true);
      expect(lock.packages[`node_modules/${name}`]).toMatchObject({
        version,
        integrity: expect.stringMatching(/^sha512-/),
      });
    }
    if (pinned !== undefined) expect(Object.values(manifest.optionalDependencies)).toContain(pinned.version);
    expect(readFileSync(join(ROOT, '.nvmrc'), 'utf8').trim()).toBe(Object.values(manifest.optionalDependencies)[0]);
  });

  test('this process runs on a supported Node, shown by --version', () => {
    expect(runtime.isSupported(process.versions.node)).toBe(true);
    const { out } = launch(['--version'], { ...SHELL, ...OWN_NODE });
    expect(out).toMatch(/^[0-9.]+\S* \(Node [0-9.]+, (of this machine|installed by set-up)\)\n$/);
  });

  /** A machine whose only Node is of that version: the real one, reporting another version. */
  const nodeOf = (version: string): Record<string, string> => ({
    node: `exec '${process.execPath}' --require '${versionPatch(version)}' "$@"`,
  });
  const versionPatch = (version: string): string => {
    const file = join(scratchFolder(), 'version.cjs');
    writeFileSync(
      file,
      `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } });\n`,
    );
    return file;
  };

  test('an older Node hands over to the installed one or names the supported versions', () => {
    const pinned = runtime.pinnedRuntime();
    const script = join(scratchFolder(), 'which.mjs');
    writeFileSync(script, 'console.log(process.execPath);\n');
    const { code, out, err } = launch([script], { ...SHELL, ...nodeOf('20.20.2') }, join(CLI, 'node.sh'));
    expect([code, out, err]).toEqual(
      pinned === undefined ? [1, '', expect.stringContaining('set-up brings none for')] : [0, `${pinned.path}\n`, ''],
    );
  });

  test('no launcher process remains in front of the program', () => {
    const script = join(scratchFolder(), 'parent.mjs');
    writeFileSync(script, 'console.log(process.ppid);\n');
    const { out } = launch([script], { ...SHELL, ...OWN_NODE }, join(CLI, 'node.sh'));
    expect(out).toBe(`${process.pid}\n`);
  });

  test('no npm script leaves a shell in front of the program', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      readonly scripts: Readonly<Record<string, string>>;
    };
    const direct = Object.values(scripts).filter((script) => script.includes('src/processes/cli/'));
    expect(direct.length).toBeGreaterThan(5);
    expect(direct.filter((script) => !script.startsWith('exec sh '))).toEqual([]);
  });

  test('signals and exit codes are passed through', () => {
    const script = join(scratchFolder(), 'end.mjs');
    writeFileSync(
      script,
      "if (process.argv[2] === 'kill') process.kill(process.pid, 'SIGTERM');\nprocess.exitCode = 3;\n",
    );
    expect(launch([script], { ...SHELL, ...OWN_NODE }, join(CLI, 'node.sh')).code).toBe(3);
    const killed = spawnSync('/bin/sh', [join(CLI, 'node.sh'), script, 'kill'], {
      env: { PATH: process.env['PATH'] ?? '' },
    });
    expect(killed.signal).toBe('SIGTERM');
  });

  test('a Node too old for setup, and a missing Node, are refused with the supported versions', () => {
    const old = launch(['day'], { ...SHELL, ...nodeOf('16.20.2') });
    expect([old.code, old.err]).toEqual([
      1,
      'Node 16.20.2 is not supported, and too old for the set-up to bring its own. Install Node 22 (from 22.15), 24 or 26.\n',
    ]);
    expect(launch(['day'], SHELL)).toMatchObject({
      code: 1,
      err: expect.stringContaining('Install Node 22, 24 or 26'),
    });
  });

  test('the program started directly on an unsupported Node names the supported versions', () => {
    const direct = spawnSync(
      process.execPath,
      ['--require', versionPatch('20.20.2'), join(CLI, 'tradebot.mjs'), 'verify'],
      {
        encoding: 'utf8',
      },
    );
    expect([direct.status, direct.stderr]).toEqual([
      1,
      expect.stringContaining('TradeBot runs on Node 22 (from 22.15), 24 or 26; this is 20.20.2.'),
    ]);
  });
});
