import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { START as LOG_START, jsonEvent, streamNameFilter, type EventStoreDBClient } from '@eventstore/db-client';
import { eventually } from '../support/eventually.js';
import { Stranger } from '../support/esdb-double/stranger.js';
import { TestServer, theDouble } from '../support/esdb-double/test-server.js';
import { testNeeding } from '../support/needs.js';

/**
 * What a server does that the journal must cope with, as measured on EventStoreDB 23.10.6, through the official client:
 * the same tests hold for the double and for the server of TRADEBOT_TEST_ESDB.
 */
let server: TestServer;
let stranger: Stranger;
let client: EventStoreDBClient;

beforeAll(async () => {
  server = await TestServer.start();
  stranger = new Stranger(server.url);
  ({ client } = stranger);
});

afterAll(async () => {
  await stranger.end();
  server.stop();
});

/** A stream that nobody has used, with so many events. */
async function streamOf(count: number): Promise<string> {
  const name = `T${randomUUID()}-x`;
  if (count > 0) await stranger.append(name, ...Array.from({ length: count }, () => ({})));
  return name;
}

const revisions = async (stream: string): Promise<readonly number[]> =>
  (await stranger.read(stream)).map(({ revision }) => Number(revision));
const logged = async (stream: string): Promise<readonly number[]> =>
  (await stranger.log(stream)).filter((event) => event.stream === stream).map(({ revision }) => Number(revision));

const one = () => jsonEvent({ id: randomUUID(), type: 'Ours', data: {} });

describe('metadata of a stream', () => {
  test.each([
    ['$maxCount', { $maxCount: 2 }, [3, 4]],
    ['$tb', { $tb: 3 }, [3, 4]],
    ['$tb behind the end', { $tb: 9 }, []],
  ] as const)('%s hides events from readers of the stream and not from $all', async (_key, metadata, visible) => {
    const stream = await streamOf(5);
    await stranger.setMetadata(stream, metadata);
    expect(await revisions(stream)).toEqual(visible);
    expect(await logged(stream)).toEqual([0, 1, 2, 3, 4]);
    expect(await stranger.metadataOf(stream)).toEqual(metadata);
    await stranger.setMetadata(stream, {});
    expect(await revisions(stream)).toEqual([0, 1, 2, 3, 4]);
  });

  test('$maxAge hides events once they are older', async () => {
    const stream = await streamOf(2);
    await stranger.setMetadata(stream, { $maxAge: 1 });
    await eventually('the events are hidden', async () => (await revisions(stream)).length === 0, { everyMs: 200 });
    expect(await logged(stream)).toEqual([0, 1]);
  });

  test('metadata are events of the stream $$<name>, of which only the last is visible', async () => {
    const stream = await streamOf(1);
    await stranger.setMetadata(stream, { $maxCount: 9 });
    await stranger.setMetadata(stream, { $maxCount: 8 });
    expect(await revisions(`$$${stream}`)).toEqual([1]);
    const events = (await stranger.log(stream)).map((event) => `${event.stream} ${event.type}`);
    expect(events).toEqual([`${stream} Theirs`, `$$${stream} $metadata`, `$$${stream} $metadata`]);
  });
});

describe('a deleted stream', () => {
  test('is not found after a soft delete, and stays in $all', async () => {
    const stream = await streamOf(3);
    await stranger.softDelete(stream);
    await expect(stranger.read(stream)).rejects.toMatchObject({ type: 'stream-not-found' });
    expect(await logged(stream)).toEqual([0, 1, 2]);
    expect((await stranger.metadataOf(stream))?.$tb).toBeGreaterThan(Number.MAX_SAFE_INTEGER);
  });

  test.each(['no_stream', 'any', 2n] as const)(
    'continues at the old revision + 1 when %s is expected',
    async (expected) => {
      const stream = await streamOf(3);
      await stranger.softDelete(stream);
      const { nextExpectedRevision } = await client.appendToStream(stream, [one(), one()], {
        expectedRevision: expected,
      });
      expect(nextExpectedRevision).toBe(4n);
      expect(await revisions(stream)).toEqual([3, 4]);
      expect(await logged(stream)).toEqual([0, 1, 2, 3, 4]);
      expect((await stranger.metadataOf(stream))?.$tb).toBe(3);
    },
  );

  test('a soft delete is undone by metadata without $tb', async () => {
    const stream = await streamOf(3);
    await stranger.softDelete(stream);
    await stranger.setMetadata(stream, {});
    expect(await revisions(stream)).toEqual([0, 1, 2]);
  });

  test('a tombstone is the event $streamDeleted at the highest revision, and nothing can be appended or read', async () => {
    const stream = await streamOf(2);
    await stranger.tombstone(stream);
    await expect(stranger.read(stream)).rejects.toMatchObject({ type: 'stream-deleted' });
    await expect(stranger.append(stream, {})).rejects.toMatchObject({ type: 'stream-deleted' });
    const [last] = (await stranger.log(stream)).slice(-1);
    expect(last).toMatchObject({ stream, type: '$streamDeleted', revision: 2n ** 63n - 1n });
  });
});

describe('positions and ids', () => {
  test('stream reads and answers to appends report positions as $all has them', async () => {
    const stream = await streamOf(4);
    const { position } = await client.appendToStream(stream, [one()], { expectedRevision: 3n });
    const inStream = (await stranger.read(stream)).map(({ commit }) => commit);
    expect(inStream).toEqual((await stranger.log(stream)).map(({ commit }) => commit));
    expect(position?.commit).toBe(inStream.at(-1));
  });

  test('ids are compared at the expected revision, and nothing else of the events', async () => {
    const stream = await streamOf(1);
    const event = one();
    await client.appendToStream(stream, [event], { expectedRevision: 0n });
    const again = await client.appendToStream(stream, [{ ...event, data: { other: 1 } }], { expectedRevision: 0n });
    expect(again.nextExpectedRevision).toBe(1n);
    expect(await revisions(stream)).toEqual([0, 1]);
    await expect(client.appendToStream(stream, [one()], { expectedRevision: 0n })).rejects.toMatchObject({
      type: 'wrong-expected-version',
      actualVersion: 1n,
    });
  });
});

test('a filtered subscription from the start reports a checkpoint before it has caught up', async () => {
  const stream = await streamOf(2);
  const seen: string[] = [];
  const checkpointReached = (): void => void seen.push('checkpoint');
  const filter = streamNameFilter({ prefixes: [stream], checkpointInterval: 1, maxSearchWindow: 1, checkpointReached });
  const subscription = client.subscribeToAll({ fromPosition: LOG_START, filter });
  subscription.on('data', () => void seen.push('event'));
  subscription.on('caughtUp', () => void seen.push('caught up'));
  await eventually('caught up', () => seen.includes('caught up'));
  await subscription.unsubscribe();
  expect(seen.slice(0, seen.indexOf('caught up'))).toContain('checkpoint');
  expect(seen.filter((what) => what === 'event')).toHaveLength(2);
});

describe('what only the double does on demand', () => {
  testNeeding(theDouble)(
    'a scavenge removes what is hidden from $all, but never the last event of a stream',
    async () => {
      const [cut, deleted] = [await streamOf(5), await streamOf(3)];
      await stranger.setMetadata(cut, { $tb: 3 });
      await stranger.softDelete(deleted);
      server.double.store.scavenge();
      expect(await logged(cut)).toEqual([3, 4]);
      expect(await logged(deleted)).toEqual([2]);
      expect(await stranger.append(deleted, {})).toBe(3);
    },
  );

  testNeeding(theDouble)(
    'a frozen server answers late, and carries out what was sent although nobody waits',
    async () => {
      const stream = await streamOf(1);
      server.double.freeze();
      const given = client.appendToStream(stream, [one()], { deadline: 300 });
      await expect(given).rejects.toMatchObject({ type: 'deadline-exceeded' });
      const read = stranger.read(stream);
      expect(server.double.store.stream(stream)).toHaveLength(1);
      server.double.thaw();
      expect(await read).toHaveLength(2);
    },
  );

  testNeeding(theDouble)('a killed server comes back at its port, with or without its last events', async () => {
    const stream = await streamOf(1);
    await stranger.append(stream, {}, {});
    await stranger.append(stream, {});
    const { port } = server.double;
    await server.double.halt();
    await expect(stranger.read(stream)).rejects.toMatchObject({ type: 'unavailable' });
    await server.double.resume();
    expect(server.double.port).toBe(port);
    await eventually('an answer', async () => (await revisions(stream).catch(() => [])).length === 4);
    await server.double.halt();
    await server.double.resume({ loseLast: 2 });
    // An append is there as a whole or not at all.
    await eventually('an answer', async () => (await revisions(stream).catch(() => [])).length === 1);
    expect(await stranger.append(stream, {})).toBe(1);
  });

  testNeeding(theDouble)('a full disk refuses appends and still answers reads', async () => {
    const stream = await streamOf(1);
    server.double.diskFull = true;
    await expect(stranger.append(stream, {})).rejects.toMatchObject({ message: expect.stringContaining('space') });
    expect(await revisions(stream)).toEqual([0]);
    server.double.diskFull = false;
  });

  testNeeding(theDouble)('a server without a leader is not ready', async () => {
    const { port } = server.double;
    server.double.leader = null;
    await expect(stranger.read('x')).rejects.toMatchObject({ type: 'unavailable' });
    server.double.leader = port;
    await expect(stranger.read(`absent-${randomUUID()}`)).rejects.toMatchObject({ type: 'stream-not-found' });
  });
});

describe('batch appends', () => {
  testNeeding(theDouble)('a node that starts refuses them with a text that the client cannot name', async () => {
    const other = await TestServer.start({ batchAppend: true });
    const writer = new Stranger(other.url);
    other.double.failNext('append', 'not ready');
    await expect(writer.append('s', {})).rejects.toMatchObject({ message: 'Could not recognize Server Is Not Ready' });
    expect(await writer.append('s', {})).toBe(0);
    await writer.tombstone('s');
    await expect(writer.append('s', {})).rejects.toMatchObject({ type: 'stream-deleted' });
    await writer.end();
    other.stop();
  });
});

describe('rights', () => {
  const ADMIN = { name: 'admin', password: 'changeit', groups: ['$admins'] };
  const BOT = { name: 'bot', password: 'secret', groups: [] };

  /** The client sends a password only over TLS: here the connections act for the user of the double. */
  testNeeding(theDouble)('follow the metadata of the stream, of $all and of $settings', async () => {
    const guarded = await TestServer.start();
    const { double } = guarded;
    double.users.push(ADMIN, BOT);
    double.plainUser = 'bot';
    const bot = new Stranger(guarded.url);
    const deny = { type: 'access-denied' };
    await bot.append('s', {});
    await expect(bot.log('s')).rejects.toMatchObject(deny);
    await expect(bot.read('$settings')).rejects.toMatchObject(deny);
    double.store.setMetadata('$all', { $acl: { $r: ['bot'] } });
    expect(await bot.log('s')).toHaveLength(1);
    double.store.setMetadata('s', { $acl: { $w: 'ops', $mw: '$admins', $d: '$admins' } });
    await expect(bot.append('s', {})).rejects.toMatchObject(deny);
    await expect(bot.setMetadata('s', {})).rejects.toMatchObject(deny);
    await expect(bot.softDelete('s')).rejects.toMatchObject(deny);
    await expect(bot.tombstone('s')).rejects.toMatchObject(deny);
    expect(await bot.read('s')).toHaveLength(1);
    double.store.append('$settings', [settings({ $userStreamAcl: { $w: '$admins' } })], 'any');
    await expect(bot.append('other', {})).rejects.toMatchObject(deny);
    double.plainUser = 'admin';
    expect(await bot.append('other', {})).toBe(0);
    double.plainUser = undefined;
    await expect(bot.append('other', {})).rejects.toMatchObject(deny);
    await bot.end();
    guarded.stop();
  });

  function settings(content: object) {
    const data = Buffer.from(JSON.stringify(content));
    return { id: randomUUID(), type: 'settings', contentType: 'application/json', data, metadata: Buffer.alloc(0) };
  }
});
