import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { FileControlFolder } from '../../../src/adapters/flags/control-folder.js';
import { writeFlag, writeTestFlag } from '../../../src/adapters/flags/write-flag.js';
import { SystemClock } from '../../../src/adapters/clock/system-clock.js';
import { VirtualClock } from '../../../src/adapters/clock/virtual-clock.js';
import { ControlFlagProcessor, type ControlFlagProcessorDeps } from '../../../src/app/flags/control-flag-processor.js';
import {
  FLAG_NAMES,
  type FlagOutcome,
  flagAuthor,
  flagEventId,
  flagOrder,
  shownName,
} from '../../../src/app/flags/flag.js';
import { basePaths, type BasePaths } from '../../../src/domain/home/home-paths.js';
import { secret } from '../../../src/kernel/secret.js';
import { epochMs } from '../../../src/kernel/time.js';
import { removeTemporaryHomes, temporaryHome } from '../support/home.js';

afterAll(removeTemporaryHomes);

const key = secret('the key of one run of main');
let control: BasePaths['control'];
beforeEach(() => {
  control = basePaths(temporaryHome()).control;
  mkdirSync(control.dir);
});

/** Files in the flag folder, without the outcome file. */
const left = (): readonly string[] => readdirSync(control.dir).filter((name) => name !== 'last_command.json');

interface Seen {
  readonly obeyed: string[];
  readonly consumed: FlagOutcome[];
  readonly reported: string[];
  readonly trouble: string[];
}

function processorOf(parts: Partial<ControlFlagProcessorDeps> = {}): { processor: ControlFlagProcessor; seen: Seen } {
  const seen: Seen = { obeyed: [], consumed: [], reported: [], trouble: [] };
  const processor = new ControlFlagProcessor({
    folder: new FileControlFolder(control),
    obey: async ({ kind }) => {
      seen.obeyed.push(kind);
      return { outcome: 'obeyed', reason: 'test' };
    },
    test: async ({ name }) => {
      seen.obeyed.push(`test ${name}`);
      return { outcome: 'obeyed', reason: 'test' };
    },
    reset: async ({ what, reason }, actor) => {
      seen.obeyed.push(`reset ${what} by ${actor}: ${reason}`);
      return { outcome: reason === '' ? 'refused' : 'obeyed', reason: 'test' };
    },
    journal: {
      isConsumed: () => false,
      consumed: async (_flag, data) => void seen.consumed.push(data),
      reported: async (flag, reason) => void seen.reported.push(`${shownName(flag.name)}: ${reason}`),
    },
    wall: new SystemClock(),
    onTrouble: (what) => seen.trouble.push(what),
    ...parts,
  });
  return { processor, seen };
}

/** An empty file is a flag when it is as empty at the next look. */
function lookTwice(processor: ControlFlagProcessor): void {
  processor.look();
  processor.look();
}

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 2));

describe('names and contents', () => {
  test('the names have the meaning of RUN-15', () => {
    expect(FLAG_NAMES.map((name) => [name, flagOrder(name)]).slice(0, 9)).toEqual([
      ['control_kill.flag', { command: 'kill' }],
      ['control_stop.flag', { command: 'stop' }],
      ['control_start.flag', { command: 'start' }],
      ['control_start.txt', { command: 'start' }],
      ['control_reset_kill_switch.flag', { command: 'reset', what: 'kill-switch' }],
      ['control_reset_defense_mode.flag', { command: 'reset', what: 'defense-mode' }],
      ['control_reset_clock.flag', { command: 'reset', what: 'clock' }],
      ['control_reset_bot_copy.flag', { command: 'reset', what: 'bot-copy' }],
      ['test_mode.flag', { command: 'test', test: 'all' }],
    ]);
    expect(flagOrder('test_mode_coa_consistency.flag')).toEqual({ command: 'test', test: 'coa_consistency' });
    expect(flagOrder('test_mode_.flag') ?? flagOrder('CONTROL_KILL.FLAG') ?? flagOrder('constructor')).toBe(undefined);
  });

  test.each([
    ['', { by: null }],
    [' \n', { by: null }],
    ['U-1\n', { by: 'U-1' }],
    ['{"by":"U-1","at":"x"}', { by: 'U-1' }],
    ['{"by":null}', { by: null }],
    ['{"by":7}', { fault: 'its content is neither empty nor a user id' }],
    ['{"by":"a b"}', { fault: 'its content is neither empty nor a user id' }],
    ['rm -rf /', { fault: 'its content is neither empty nor a user id' }],
  ])('content %j', (text, author) => {
    expect(flagAuthor(text)).toEqual(author);
  });

  test('flags written by the web are read', async () => {
    const clock = new VirtualClock(epochMs(0));
    expect(writeFlag('kill', { control, clock, by: 'U-1', key })).toBe('control_kill.flag');
    expect(writeTestFlag('all', { control, clock, by: null })).toBe('test_mode.flag');
    const { processor, seen } = processorOf({ folder: new FileControlFolder(control, { key }) });
    processor.look();
    await turn();
    expect(seen.consumed.map(({ command, by }) => [command, by])).toEqual([
      ['kill', 'U-1'],
      ['test', null],
    ]);
    expect(left()).toEqual([]);
  });
});

describe('a reset', () => {
  test('a flag carries its reason, also one of 300 characters that are all escaped', async () => {
    const reason = '\u0001'.repeat(300);
    const text = JSON.stringify({ by: null, at: '1970-01-01T00:00:00.000Z', reason });
    writeFileSync(control.flag('control_reset_kill_switch.flag'), text);
    const { processor, seen } = processorOf();
    lookTwice(processor);
    await turn();
    expect(seen.obeyed).toEqual([`reset kill-switch by user:local: ${reason}`]);
    expect(seen.consumed).toMatchObject([{ command: 'reset', outcome: 'obeyed' }]);
    expect(left()).toEqual([]);
  });

  test.each(['', 'U-1', '{"by":null,"reason":7}'])('a flag with %j has no reason and is refused', async (text) => {
    writeFileSync(`${control.dir}/control_reset_defense_mode.flag`, text);
    const { processor, seen } = processorOf();
    lookTwice(processor);
    await turn();
    expect(seen.consumed).toMatchObject([{ command: 'reset', outcome: 'refused' }]);
    expect(left()).toEqual([]);
  });
});

describe('the folder', () => {
  test('it reports files that are not small texts and ignores other names', () => {
    const at = (name: string): string => `${control.dir}/${name}`;
    mkdirSync(at('control_kill.flag'));
    symlinkSync('/dev/zero', at('control_stop.flag'));
    execFileSync('mkfifo', [at('control_start.flag')]);
    writeFileSync(at('control_start.txt'), 'x'.repeat(4_097));
    writeFileSync(at('test_mode.flag'), Buffer.from([0xff, 0x00]));
    for (const name of ['README.md', 'bot_state.txt', 'bot_state.txt.rebuild', '.x.tmp']) writeFileSync(at(name), 'x');
    const found = new FileControlFolder(control).look().map(({ name, content }) => [name, content]);
    expect(found).toEqual([
      ['control_kill.flag', { fault: 'it is a folder' }],
      ['control_stop.flag', { fault: 'it is a symbolic link' }],
      ['control_start.flag', { fault: 'it is not a regular file' }],
      ['control_start.txt', { fault: 'it has 4097 bytes; the limit is 4096' }],
      ['test_mode.flag', { fault: 'it is not text' }],
    ]);
  });

  test('many invalid files do not hide a flag', () => {
    for (let n = 0; n < 700; n += 1) writeFileSync(`${control.dir}/a${n}`, '');
    writeFileSync(`${control.dir}/control_kill.flag`, '');
    const found = new FileControlFolder(control).look();
    expect(found[0]?.name).toBe('control_kill.flag');
    expect(found.length).toBeLessThan(520);
  });

  test('a missing folder, and a file in its place, have no flags', () => {
    rmSync(control.dir, { recursive: true });
    const folder = new FileControlFolder(control);
    expect([folder.look(), folder.stamp()]).toEqual([[], undefined]);
    writeFileSync(control.dir, '');
    expect([folder.look(), folder.stamp()]).toEqual([[], undefined]);
  });
});

describe('a flag is executed once', () => {
  test('repeated looks execute it once, and a kill is executed before look() returns', async () => {
    writeFileSync(control.flag('control_kill.flag'), '');
    const { processor, seen } = processorOf();
    for (let n = 0; n < 50; n += 1) processor.look();
    expect(seen.obeyed).toEqual(['kill']);
    await turn();
    processor.look();
    expect(seen.consumed).toHaveLength(1);
  });

  test('a kill does not wait for a pending stop', () => {
    writeFileSync(control.flag('control_stop.flag'), '');
    const obeyed: string[] = [];
    const { processor } = processorOf({ obey: ({ kind }) => (obeyed.push(kind), new Promise(() => undefined)) });
    lookTwice(processor);
    writeFileSync(control.flag('control_kill.flag'), '');
    lookTwice(processor);
    expect(obeyed).toContain('kill');
  });

  test('a main that starts after the execution only deletes the flag', async () => {
    writeFileSync(control.flag('control_start.flag'), '');
    const folder = new FileControlFolder(control);
    const id = flagEventId(folder.look()[0]!);
    const { processor, seen } = processorOf({
      journal: {
        isConsumed: (asked) => asked === id,
        consumed: async () => undefined,
        reported: async () => undefined,
      },
    });
    lookTwice(processor);
    await processor.settled();
    expect([seen.obeyed, existsSync(control.flag('control_start.flag'))]).toEqual([[], false]);
  });

  test('a refused append is retried, and the command is not repeated', async () => {
    writeFileSync(control.flag('control_kill.flag'), '');
    let failures = 2;
    const { processor, seen } = processorOf({
      journal: {
        isConsumed: () => false,
        consumed: async () => {
          failures -= 1;
          if (failures >= 0) throw new Error('disk full');
        },
        reported: async () => undefined,
      },
    });
    for (let n = 0; n < 100; n += 1) {
      processor.look();
      await Promise.resolve();
    }
    await turn();
    await processor.settled();
    expect([seen.obeyed, seen.trouble.length, existsSync(control.flag('control_kill.flag'))]).toEqual([
      ['kill'],
      2,
      false,
    ]);
  });

  test('a flag set again during its execution is a new one', async () => {
    writeFileSync(control.flag('control_stop.flag'), '');
    const { processor, seen } = processorOf();
    lookTwice(processor);
    rmSync(control.flag('control_stop.flag'));
    writeFileSync(control.flag('control_stop.flag'), 'U-2');
    utimesSync(control.flag('control_stop.flag'), 5, 5);
    await processor.settled();
    expect(existsSync(control.flag('control_stop.flag'))).toBe(true);
    processor.look();
    await processor.settled();
    expect([seen.obeyed, existsSync(control.flag('control_stop.flag'))]).toEqual([['stop', 'stop'], false]);
  });

  test('a start older than a stop is refused', async () => {
    writeFileSync(control.flag('control_start.flag'), '');
    utimesSync(control.flag('control_start.flag'), 1, 1);
    writeFileSync(control.flag('control_stop.flag'), '');
    const { processor, seen } = processorOf();
    lookTwice(processor);
    await processor.settled();
    expect(seen.consumed.map(({ command, outcome }) => [command, outcome])).toEqual([
      ['stop', 'obeyed'],
      ['start', 'refused'],
    ]);
  });

  test('an empty kill is obeyed at the first look, once, whatever is written into it later', async () => {
    const { processor, seen } = processorOf();
    writeFileSync(control.flag('control_kill.flag'), '');
    processor.look();
    expect(seen.obeyed).toEqual(['kill']);
    writeFileSync(control.flag('control_kill.flag'), 'please');
    for (let n = 0; n < 3; n += 1) processor.look();
    await processor.settled();
    await turn();
    expect([seen.obeyed.length, seen.consumed.length, seen.reported.length, left()]).toEqual([1, 1, 0, []]);
  });

  test.each(['control_stop.flag', 'test_mode.flag'])(
    '%s while it is being created: an empty file is a flag, an invalid one is not',
    async (name) => {
      const { processor, seen } = processorOf();
      writeFileSync(control.flag(name), '');
      processor.look();
      expect(seen.obeyed).toEqual([]);
      const now = new Date();
      utimesSync(control.flag(name), now, now);
      processor.look();
      processor.look();
      await processor.settled();
      await turn();
      expect([seen.obeyed.length, seen.consumed.length, left()]).toEqual([1, 1, []]);
      writeFileSync(control.flag(name), '');
      processor.look();
      writeFileSync(control.flag(name), 'rm -rf /');
      for (let n = 0; n < 3; n += 1) processor.look();
      await processor.settled();
      expect([seen.obeyed.length, seen.reported.length, left()]).toEqual([1, 1, [name]]);
    },
  );

  test('a flag half written at the first look is executed when complete', async () => {
    const { processor, seen } = processorOf();
    writeFileSync(control.flag('control_stop.flag'), '{"by":');
    processor.look();
    writeFileSync(control.flag('control_stop.flag'), '{"by":"U-1"}');
    processor.look();
    await processor.settled();
    expect(seen.consumed.map(({ command, by }) => [command, by])).toEqual([['stop', null]]);
  });

  test('invalid files are reported once each, up to a limit', async () => {
    for (let n = 0; n < 300; n += 1) writeFileSync(`${control.dir}/junk${n}`, '');
    const { processor, seen } = processorOf();
    processor.look();
    processor.look();
    await processor.settled();
    expect(seen.reported).toHaveLength(100);
    expect(left()).toHaveLength(300);
  });
});

describe('any content of the folder', () => {
  const name = fc.oneof(
    fc.constantFrom(...FLAG_NAMES),
    fc.string({ minLength: 1, maxLength: 40, unit: 'binary' }).filter((text) => !/[/\0]|^\.{1,2}$/.test(text)),
  );
  const thing = fc.oneof(
    fc.uint8Array({ maxLength: 2_000 }).map((bytes) => ({ kind: 'file' as const, bytes })),
    fc.constantFrom('', 'U-1', '{"by":"U-1"}').map((text) => ({ kind: 'file' as const, bytes: Buffer.from(text) })),
    fc.constantFrom({ kind: 'folder' as const }, { kind: 'link' as const }),
  );

  test('the processor never throws, and executes only complete flags, each at most once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(name, thing), { maxLength: 12 }), async (things) => {
        rmSync(control.dir, { recursive: true });
        mkdirSync(control.dir);
        for (const [at, made] of things) {
          const path = `${control.dir}/${at}`;
          if (lstatSync(path, { throwIfNoEntry: false }) !== undefined || Buffer.byteLength(at) > 200) continue;
          if (made.kind === 'folder') mkdirSync(path);
          else if (made.kind === 'link') symlinkSync('/nowhere', path);
          else writeFileSync(path, made.bytes);
        }
        const whole = new FileControlFolder(control)
          .look()
          .filter(({ name: at, content }) => flagOrder(at) && 'text' in content && 'by' in flagAuthor(content.text));
        const { processor, seen } = processorOf();
        for (let n = 0; n < 3; n += 1) processor.look();
        await turn();
        await processor.settled();
        expect(seen.trouble).toEqual([]);
        expect(seen.consumed.map(({ flag }) => flag).sort()).toEqual(whole.map((flag) => flag.name).sort());
      }),
      { numRuns: 60 },
    );
  });
});
