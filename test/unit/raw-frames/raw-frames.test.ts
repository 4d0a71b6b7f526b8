import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from '@jest/globals';
import { findFrame, frameOfDay } from '../../../src/adapters/raw-frames/find-frame.js';
import { MaskedFrames } from '../../../src/adapters/raw-frames/masked-frames.js';
import { RawFrameFiles } from '../../../src/adapters/raw-frames/raw-frame-files.js';
import { EVENTS_WITH_FRAME, frameDigests } from '../../../src/app/web-queries/event-frames.js';
import { EVENT_SCHEMAS } from '../../../src/events/generated/schemas.js';
import { sha256Hex } from '../../../src/kernel/hash.js';
import { secret } from '../../../src/kernel/secret.js';
import { parseDateText, parseUtcText, type EpochMs } from '../../../src/kernel/time.js';
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

describe('what opens or names an account', () => {
  const kept = (source: string, text: string): string => {
    const texts: string[] = [];
    const inner = { keep: (one: { readonly text: string }) => sha256Hex(texts[texts.push(one.text) - 1] ?? '') };
    const secrets = [secret('PK(1)+'), secret('12345678'), secret('abc'), secret(''), null];
    const sha256 = new MaskedFrames(inner, secrets).keep({ ...frame(text), source });
    expect(sha256).toBe(sha256Hex(texts[0] ?? ''));
    return texts.join();
  };

  test.each([
    [
      'ALPACA',
      '{"account_number":"PA3X","account_id" : "a\\"b","id":"7"}',
      '{"account_number":"***","account_id" : "***","id":"7"}',
    ],
    ['TRADIER', '{"stream":{"sessionid":"c8638963","url":"x"}}', '{"stream":{"sessionid":"***","url":"x"}}'],
    ['TRADIER', '{"event":"order","account":123,"price":1.5}', '{"event":"order","account":"***","price":1.5}'],
    ['ALPACA', 'key PK(1)+, 12345678 and 123456789, abc', 'key ***, *** and 123456789, abc'],
    ['IBKR', '11\0DU1234567\0U7654321\0BUY\0', '11\0***\0***\0BUY\0'],
    ['ALPACA', 'U7654321', 'U7654321'],
  ])('%s: %j is kept as %j', (source, text, expected) => {
    expect(kept(source, text)).toBe(expected);
  });

  test('every event type whose schema has the digest of a message is known, and its digests are found', () => {
    const withDigest = Object.entries(EVENT_SCHEMAS).filter(([, schema]) =>
      JSON.stringify(schema).includes('"rawSha256"'),
    );
    const types = withDigest.map(([name]) => name.replace(/\.v\d+$/, ''));
    expect([...new Set(types)].sort()).toEqual([...EVENTS_WITH_FRAME].sort());
    const [own, inside] = [sha256Hex('own'), sha256Hex('inside')];
    expect(frameDigests({ original: { rawSha256: inside }, rawSha256: own, list: [{ rawSha256: own }] })).toEqual([
      own,
      inside,
    ]);
    expect(frameDigests({ reason: 'none', of: null })).toEqual([]);
  });

  test('the frame of a day is looked for in that day and its neighbours only', async () => {
    const world = made();
    const sha256 = world.files.keep(frame('once'));
    await world.files.flush();
    const on = async (day: string) => (await frameOfDay(world.dir, sha256, parseDateText(day)))?.text;
    expect(await Promise.all(['2026-11-29', '2026-11-30', '2026-12-01'].map(on))).toEqual(['once', 'once', 'once']);
    expect(await Promise.all(['2026-11-28', '2026-12-02'].map(on))).toEqual([undefined, undefined]);
  });
});
