import { describe, expect, test } from '@jest/globals';
import type { WorkerTask } from '../../../src/processes/ipc/messages.js';
import { mayWait } from '../../../src/processes/main/worker-shares.js';

const many = (count: number, task: (n: number) => WorkerTask): readonly WorkerTask[] =>
  Array.from({ length: count }, (_, n) => task(n));
const secondFactor: WorkerTask = { task: 'save-secret', name: 'login', fields: {}, actor: 'system:access' };
const save = (actor: string): WorkerTask => ({ task: 'save-settings', changes: {}, actor, reason: 'test' });
const rotate: WorkerTask = { task: 'rotate', actor: 'system:main', reason: 'users' };
const float = (n: number): WorkerTask => ({
  ...{ task: 'float', actor: `user:U-${n}` },
  request: { direction: 'inject', amount: '1.00', reason: 'test', requestId: `R-${n}` },
});

/** What waits when all who may ask, ask without end. */
function filled(...offered: readonly WorkerTask[]): readonly WorkerTask[] {
  const waiting: WorkerTask[] = [];
  for (let n = 0; n < 50; n += 1) for (const task of offered) if (mayWait(task, waiting)) waiting.push(task);
  return waiting;
}

describe('the queue of workers', () => {
  test('second factors of any number of users leave the places of admins and of the bot free', () => {
    const waiting = filled(secondFactor);
    expect(waiting).toHaveLength(5);
    expect(mayWait(save('user:U-1'), waiting)).toBe(true);
    for (const task of [rotate, { task: 'backup' }, { task: 'anchor' }] as const)
      expect(mayWait(task, waiting)).toBe(true);
  });

  test('a person has five tasks, and leaves room for the next person', () => {
    const waiting = filled(save('user:U-1'), float(1));
    expect(waiting).toHaveLength(5);
    expect(mayWait(save('user:U-2'), waiting)).toBe(true);
  });

  test('accountants leave the settings to admins, and both leave rotation and backup to the bot', () => {
    const books = filled(...many(30, float));
    expect(books).toHaveLength(10);
    expect(mayWait(save('user:U-99'), books)).toBe(true);
    const all = filled(...many(30, float), ...many(30, (n) => save(`user:U-${n}`)), secondFactor);
    expect(all).toHaveLength(25);
    expect(mayWait(rotate, all)).toBe(true);
  });

  test('is bounded for the bot too', () => {
    expect(filled(rotate)).toHaveLength(20);
  });
});
