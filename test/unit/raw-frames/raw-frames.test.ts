import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from '@jest/globals';
import { findFrame } from '../../../src/adapters/raw-frames/find-frame.js';
import { RawFrameFiles } from '../../../src/adapters/raw-frames/raw-frame-files.js';
import { sha256Hex } from '../../../src/kernel/hash.js';
import { parseUtcText, type EpochMs } from '../../../src/kernel/time.js';
import { removeTemporaryHomes, temporaryHome } from '../support/home.js';

afterAll(removeTemporaryHomes);

interface Made {
  readonly dir: string;
  readonly files: RawFrameFiles;
  now: EpochMs;
  free: number;
}

function made(
  over: { readonly dir?: string; readonly limits?: { readonly waiting: number; readonly day: number } } = {},
): Made {
  const dir = over.dir ?? `${temporaryHome()}/frames`;
  const world = { dir, now: parseUtcText('2026-11-30T14:00:00.000Z'), free: 1e12 };
  const files = new RawFrameFiles({
    ...{ dir, side: 'broker', clock: { now: () => world.now }, keepDays: () => 2 },
    disk: { freeBytes: () => world.free },
    ...(over.limits === undefined ? {} : { limits: over.limits }),
  });
  return Object.assign(world, { files });
}

const frame = (text: string): { readonly source: string; readonly channel: string; readonly text: string } => ({
  source: 'ALPACA',
  channel: 'trade_updates',
  text,
});

describe('frames of a broker on disk', () => {
  test('a frame is found by the digest of its text, with its time and source', async () => {
    const { dir, files } = made();
    const text = '{"event":"fill","note":"ü \u2028 line"}\n';
    const sha256 = files.keep(frame(text));
    expect(sha256).toBe(sha256Hex(text));
    expect(await findFrame(dir, sha256)).toBeUndefined();
    await files.flush();
    expect(await findFrame(dir, sha256)).toEqual({ ...frame(text), sha256, at: '2026-11-30T14:00:00.000Z' });
    expect(statSync(`${dir}/2026-11-30.broker.jsonl`).mode & 0o777).toBe(0o600);
  });

  test('a frame that repeats itself is kept once a day', async () => {
    const world = made();
    for (const _ of [1, 2]) world.files.keep(frame('same'));
    world.now = parseUtcText('2026-12-01T14:00:00.000Z');
    world.files.keep(frame('same'));
    await world.files.flush();
    expect(readdirSync(world.dir)).toEqual(['2026-11-30.broker.jsonl', '2026-12-01.broker.jsonl']);
    expect(world.files.counts).toEqual({ kept: 2, lost: 0 });
  });

  test('files that are older than the setting are deleted, nothing else', async () => {
    const world = made();
    mkdirSync(world.dir, { recursive: true });
    for (const name of ['2026-11-27.broker.jsonl', '2026-11-28.feed.jsonl', 'notes.txt']) {
      writeFileSync(`${world.dir}/${name}`, '');
    }
    world.files.keep(frame('a'));
    await world.files.flush();
    expect(readdirSync(world.dir)).toEqual(['2026-11-28.feed.jsonl', '2026-11-30.broker.jsonl', 'notes.txt']);
  });

  test('a line that a crash tore spoils no other', async () => {
    const first = made();
    first.files.keep(frame('before'));
    await first.files.flush();
    appendFileSync(`${first.dir}/2026-11-30.broker.jsonl`, '{"sha256":"torn');
    const second = made({ dir: first.dir });
    const sha256 = second.files.keep(frame('after'));
    await second.files.flush();
    expect((await findFrame(first.dir, sha256))?.text).toBe('after');
    expect((await findFrame(first.dir, sha256Hex('before')))?.text).toBe('before');
  });
});

describe('no fault of the disk reaches the caller', () => {
  test('space that exits need is not used; afterwards it keeps again, also what came before', async () => {
    const world = made();
    world.free = 1_000;
    world.files.keep(frame('lost'));
    await world.files.flush();
    expect(existsSync(world.dir)).toBe(false);
    expect(world.files.counts).toEqual({ kept: 0, lost: 1 });
    world.free = 1e12;
    const sha256 = world.files.keep(frame('lost'));
    await world.files.flush();
    expect((await findFrame(world.dir, sha256))?.text).toBe('lost');
  });

  test('a path that cannot be written', async () => {
    const blocked = `${temporaryHome()}/file`;
    writeFileSync(blocked, '');
    const { files } = made({ dir: `${blocked}/frames` });
    expect(files.keep(frame('a'))).toBe(sha256Hex('a'));
    await files.flush();
    expect(files.counts).toEqual({ kept: 0, lost: 1 });
  });

  test('what waits and what a day may have are bounded', async () => {
    const world = made({ limits: { waiting: 1_000, day: 1_500 } });
    for (let n = 0; n < 20; n += 1) world.files.keep(frame(`frame ${n}`));
    const { lost } = world.files.counts;
    expect(lost).toBeGreaterThan(0);
    await world.files.flush();
    for (let n = 20; n < 40; n += 1) world.files.keep(frame(`frame ${n}`));
    await world.files.flush();
    const { kept } = world.files.counts;
    expect(kept + world.files.counts.lost).toBe(40);
    expect(readFileSync(`${world.dir}/2026-11-30.broker.jsonl`, 'utf8').length).toBeLessThanOrEqual(1_500);
  });
});
