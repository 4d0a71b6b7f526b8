import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { SerialQueue } from '../../../src/app/journal/serial-queue.js';

describe('serial queue', () => {
  test('work runs one at a time in the order of the calls', async () => {
    const queue = new SerialQueue();
    const steps: string[] = [];
    const work = (name: string) => async () => {
      steps.push(`${name} starts`);
      await nextTurn();
      steps.push(`${name} ends`);
      return name;
    };
    expect(await Promise.all([queue.run(work('a')), queue.run(work('b'))])).toEqual(['a', 'b']);
    expect(steps).toEqual(['a starts', 'a ends', 'b starts', 'b ends']);
  });

  test('a failure reaches its own caller, and the next work still runs', async () => {
    const queue = new SerialQueue();
    const failed = queue.run(() => Promise.reject(new Error('disk')));
    const thrown = queue.run(() => {
      throw new Error('at once');
    });
    const next = queue.run(() => Promise.resolve('done'));
    await expect(failed).rejects.toThrow('disk');
    await expect(thrown).rejects.toThrow('at once');
    expect(await next).toBe('done');
  });

  test('settled() waits for all earlier work, also for work that fails', async () => {
    const queue = new SerialQueue();
    let ended = false;
    const work = queue.run(async () => {
      await nextTurn();
      ended = true;
      throw new Error('disk');
    });
    await queue.settled();
    expect(ended).toBe(true);
    await expect(work).rejects.toThrow('disk');
  });
});
