import { ScaledClock } from '../../../src/adapters/clock/scaled-clock.js';
import { SteadyClock } from '../../../src/adapters/clock/steady-clock.js';
import { afterAll, describe, expect, test } from '@jest/globals';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { RotatingFile } from '../../../src/adapters/telemetry/rotating-file.js';
import { openTelemetry } from '../../../src/adapters/telemetry/telemetry.js';
import { withoutCredentials } from '../../../src/kernel/credentials.js';
import { secret } from '../../../src/kernel/secret.js';
import { removeTemporaryHomes, temporaryHome } from '../support/home.js';

afterAll(removeTemporaryHomes);

/** All lines of a log, packed ones first, in the order of their files. */
function linesOf(folder: string, name: string): readonly string[] {
  const number = (file: string): number => Number(/\.(\d+)/.exec(file.slice(name.length))?.[1] ?? Infinity);
  return readdirSync(folder)
    .filter((file) => file.startsWith(name))
    .sort((a, b) => number(a) - number(b))
    .flatMap((file) => {
      const bytes = readFileSync(`${folder}/${file}`);
      return (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString().trim().split('\n');
    });
}

describe('rotation', () => {
  test('rotation by size loses no line and keeps the order', async () => {
    const folder = temporaryHome();
    const file = new RotatingFile(`${folder}/a.log`, { maxBytes: 1_000, keep: 100 });
    const lines = Array.from({ length: 500 }, (_, n) => `line ${n} ${'x'.repeat(n % 60)}`);
    for (const line of lines) file.write(`${line}\n`);
    await file.close();
    expect(linesOf(folder, 'a.log')).toEqual(lines);
    expect(readdirSync(folder).filter((name) => name.endsWith('.gz')).length).toBeGreaterThan(10);
    expect(file.lost).toBe(0);
  });

  test('it keeps a limited number of packed files and continues the numbering after a restart', async () => {
    const folder = temporaryHome();
    for (let start = 0; start < 3; start += 1) {
      const file = new RotatingFile(`${folder}/a.log`, { maxBytes: 10, keep: 2 });
      for (let n = 0; n < 4; n += 1) file.write(`${start}.${n} 123456\n`);
      await file.close();
    }
    expect(readdirSync(folder)).toHaveLength(3);
    expect(linesOf(folder, 'a.log')).toEqual(['2.1 123456', '2.2 123456', '2.3 123456']);
  });

  test('files left by a crash are packed, and an incomplete line is ended', async () => {
    const folder = temporaryHome();
    writeFileSync(`${folder}/a.log.7`, 'before\n');
    writeFileSync(`${folder}/a.log`, 'torn');
    const file = new RotatingFile(`${folder}/a.log`, { maxBytes: 1_000, keep: 5 });
    file.write('next\n');
    await file.close();
    expect(readdirSync(folder).sort()).toEqual(['a.log', 'a.log.7.gz']);
    expect(linesOf(folder, 'a.log')).toEqual(['before', 'torn', 'next']);
  });

  test('a disk that refuses loses lines, which are counted, and blocks nobody', async () => {
    const folder = temporaryHome();
    const file = new RotatingFile(`${folder}/logs/a.log`, { maxBytes: 20, keep: 5 });
    file.write('first line 12345\n');
    rmSync(`${folder}/logs`, { recursive: true });
    file.write('second line 12345\n');
    expect(file.lost).toBe(1);
    mkdirSync(`${folder}/logs`);
    file.write('third\n');
    await file.close();
  });
});

const MACHINE = new SteadyClock({ read: () => ({ wall: 0, monotonic: 0, sinceBoot: 0 }) });

describe('telemetry', () => {
  const logged = async (write: (log: ReturnType<typeof openTelemetry>) => void): Promise<string> => {
    const path = `${temporaryHome()}/x.log`;
    const log = openTelemetry({ path, steady: MACHINE, world: MACHINE, process: 'main' });
    write(log);
    await log.close();
    return readFileSync(path, 'utf8');
  };

  test('it writes JSON lines with UTC times', async () => {
    const [line = ''] = (await logged((log) => log.info('up', { n: 1 }))).split('\n');
    expect(JSON.parse(line)).toEqual({
      level: 'info',
      time: '1970-01-01T00:00:00.000Z',
      process: 'main',
      n: 1,
      msg: 'up',
    });
  });

  test('in a world of another time a line has the time of the machine, and names that of the world', async () => {
    const path = `${temporaryHome()}/x.log`;
    const world = new ScaledClock({ virtualStart: 86_400_000, wallStart: 0, speed: 60 }, MACHINE);
    const log = openTelemetry({ path, steady: MACHINE, world, process: 'web' });
    log.info('up');
    await log.close();
    const [line = ''] = readFileSync(path, 'utf8').split('\n');
    expect(JSON.parse(line)).toMatchObject({ time: '1970-01-01T00:00:00.000Z', world: '1970-01-02T00:00:00.000Z' });
  });

  test('it shows no secret, by type, by name or by shape', async () => {
    const text = await logged((log) => {
      log.info('at https://joe:CANARY1@host/', { value: secret('CANARY2'), deep: [{ password: 'CANARY3' }] });
      log.warn('token=CANARY4', { error: new Error('api_key: CANARY5'), headers: { authorization: 'CANARY6' } });
      log.error(`gAAAAA${'CANARY7'.repeat(5)}`, { cookie: 'CANARY8', setupToken: 'CANARY9' });
    });
    expect(text.split('\n')).toHaveLength(4);
    expect(text).not.toMatch(/CANARY/);
  });

  test('it is bounded: deep, wide and long values are cut', async () => {
    const ring: Record<string, unknown> = {};
    ring['ring'] = ring;
    const text = await logged((log) => log.info('x', { ring, long: 'y'.repeat(100_000), big: 10n }));
    expect(text.length).toBeLessThan(10_000);
  });

  test('quiet mode writes only warnings', async () => {
    const text = await logged((log) => {
      log.setLevel('quiet');
      log.info('no');
      log.warn('yes');
    });
    expect(text).toMatch(/^\{"level":"warn".*"yes"\}\n$/);
  });
});

test('external texts keep their meaning without their credentials', () => {
  expect(withoutCredentials('connect esdb://admin:changeit@db:2113 failed, retry')).toBe(
    'connect esdb://***@db:2113 failed, retry',
  );
  expect(withoutCredentials('a'.repeat(50), 10)).toBe('aaaaaaaaaa ...');
});
