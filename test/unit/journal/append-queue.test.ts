import { describe, expect, test } from '@jest/globals';
import { AppendQueue } from '../../../src/adapters/journal-sqlite/append-queue.js';
import type { AppendRequest, Outcome } from '../../../src/adapters/journal-sqlite/writer.js';
import { type TradeBotError, journalError } from '../../../src/kernel/errors.js';
import type { AppendResult } from '../../../src/ports/journal.js';

const request = (events: number): AppendRequest => ({ batch: { length: events } }) as unknown as AppendRequest;
const fail = (callerMust: 'retry' | 'stop', code: string): TradeBotError =>
  journalError(callerMust, { code, message: code, remedy: 'None.' });

type Reopen = (fault: TradeBotError) => TradeBotError | undefined;

function queueOf(write: (group: readonly AppendRequest[], call: number) => void, reopen: Reopen = (fault) => fault) {
  const groups: number[] = [];
  const queue = new AppendQueue({
    write: (group): readonly Outcome[] => {
      groups.push(group.length);
      write(group, groups.length);
      return group.map(() => ({ result: {} as AppendResult }));
    },
    reopen,
    committed: () => undefined,
    busyAttempts: 3,
    busyPauseMs: 0,
  });
  return { queue, groups };
}

describe('the append queue', () => {
  test('appends of one turn form one group', async () => {
    const { queue, groups } = queueOf(() => undefined);
    await Promise.all(Array.from({ length: 64 }, () => queue.push(request(1))));
    await queue.push(request(1));
    expect(groups).toEqual([64, 1]);
  });

  test('a group is bounded; a larger single batch is still written whole', async () => {
    const { queue, groups } = queueOf(() => undefined);
    await Promise.all([request(5_000), request(5_000), request(50_000), request(1)].map((r) => queue.push(r)));
    expect(groups).toEqual([1, 1, 1, 1]);
  });

  test("events above the queue's limit are refused and accepted again later", async () => {
    const { queue } = queueOf(() => undefined);
    const first = queue.push(request(60_000));
    await expect(queue.push(request(60_000))).rejects.toMatchObject({ code: 'JOURNAL_BUSY', callerMust: 'retry' });
    await first;
    await expect(queue.push(request(60_000))).resolves.toBeDefined();
  });

  test('a busy file is retried a bounded number of times, then reported; the next append retries', async () => {
    const { queue, groups } = queueOf((_group, call) => {
      if (call <= 3) throw fail('retry', 'JOURNAL_BUSY');
    });
    await expect(queue.push(request(1))).rejects.toMatchObject({ code: 'JOURNAL_BUSY' });
    await expect(queue.push(request(1))).resolves.toBeDefined();
    expect(groups).toHaveLength(4);
  });

  test('after a file error nothing more is accepted', async () => {
    const { queue, groups } = queueOf(() => {
      throw fail('stop', 'JOURNAL_STALLED');
    });
    await expect(queue.push(request(1))).rejects.toMatchObject({ code: 'JOURNAL_STALLED' });
    await expect(queue.push(request(1))).rejects.toMatchObject({ code: 'JOURNAL_STALLED', callerMust: 'stop' });
    expect(groups).toEqual([1]);
  });

  test('an append after a file error opens the file again, and is written when that worked', async () => {
    const faults: string[] = [];
    const { queue, groups } = queueOf(
      (_group, call) => {
        if (call === 1) throw fail('stop', 'JOURNAL_STALLED');
      },
      (fault) => {
        faults.push(fault.code);
        return faults.length === 1 ? fault : undefined;
      },
    );
    await expect(queue.push(request(1))).rejects.toMatchObject({ code: 'JOURNAL_STALLED' });
    await expect(queue.push(request(1))).rejects.toMatchObject({ code: 'JOURNAL_STALLED' });
    await expect(queue.push(request(1))).resolves.toBeDefined();
    await expect(queue.push(request(1))).resolves.toBeDefined();
    expect({ faults, groups }).toEqual({ faults: ['JOURNAL_STALLED', 'JOURNAL_STALLED'], groups: [1, 1, 1] });
  });

  test('a closed queue opens nothing again', async () => {
    const { queue } = queueOf(
      () => undefined,
      () => undefined,
    );
    await queue.close();
    await expect(queue.push(request(1))).rejects.toMatchObject({ code: 'JOURNAL_CLOSED' });
  });

  test('close completes waiting appends and refuses later ones', async () => {
    const { queue } = queueOf(() => undefined);
    const waiting = queue.push(request(1));
    await queue.close();
    await expect(waiting).resolves.toBeDefined();
    await expect(queue.push(request(1))).rejects.toMatchObject({ code: 'JOURNAL_CLOSED' });
  });
});
