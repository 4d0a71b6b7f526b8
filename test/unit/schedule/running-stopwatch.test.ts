import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';

const CHILD = fileURLToPath(new URL('../support/slow-append-child.mjs', import.meta.url));
const LOADER = new URL('../support/typescript-loader.mjs', import.meta.url).href;

interface Said {
  readonly begun?: string;
  readonly done?: string;
  readonly appendMs?: number;
}

let child: ChildProcess;
beforeEach(() => {
  child = fork(CHILD, { execArgv: ['--import', LOADER] });
});
afterEach(() => {
  child.kill('SIGKILL');
});

async function said(): Promise<Said> {
  const [message] = (await once(child, 'message')) as [Said];
  return message;
}

test('a pause of the process is no slow append, before and after its end; a blocked thread is one', async () => {
  expect(await said()).toEqual({ begun: 'process' });
  for (let pause = 1; pause <= 2; pause += 1) {
    child.send('wait');
    await said();
    child.kill('SIGSTOP');
    await sleep(4_000);
    child.send('answer');
    child.kill('SIGCONT');
    const { done, appendMs = Number.NaN } = await said();
    expect(done).toBe('wait');
    expect(appendMs).toBeLessThan(2_000);
  }
  child.send('block');
  expect(await said()).toEqual({ begun: 'block' });
  const blocked = await said();
  expect(blocked.appendMs).toBeGreaterThan(2_000);
});
