import type { Page } from 'playwright-core';
import { eventually } from '../../support/eventually.js';

/** A change that a page sent. */
export interface SentChange {
  /** `POST /api/books/seal`. */
  readonly change: string;
  /** Its Idempotency-Key. */
  readonly key: string;
}

/** In the page, before its first script: notes each change, and each event of the live stream, as the app gets them. */
const WATCH = `(() => {
  const ask = window.fetch;
  window.sentChanges = [];
  window.pendingChanges = 0;
  window.liveIds = [];
  window.fetch = async (input, init) => {
    const request = input instanceof Request ? input : null;
    const address = new URL(request === null ? input : request.url, location.href).pathname;
    if (address === '/api/events/live') return withIds(await ask(input, init));
    if (request === null || request.method === 'GET') return ask(input, init);
    window.sentChanges.push({ change: request.method + ' ' + address, key: request.headers.get('Idempotency-Key') });
    window.pendingChanges += 1;
    try {
      return await ask(input, init);
    } finally {
      window.pendingChanges -= 1;
    }
  };
  function withIds(answer) {
    if (answer.body === null) return answer;
    const [forApp, forTest] = answer.body.tee();
    void note(forTest).catch(() => undefined);
    return new Response(forApp, { status: answer.status, headers: answer.headers });
  }
  async function note(body) {
    let rest = '';
    for await (const piece of body.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + piece).split('\\n');
      rest = lines.pop();
      for (const line of lines) if (line.startsWith('id: ')) window.liveIds.push(line.slice(4));
    }
  }
})()`;

/** From the next document on, what the page sends is noted. */
export async function watchRequests(page: Page): Promise<void> {
  await page.addInitScript(WATCH);
}

/** The changes that this document sent, once each of them has its answer. */
export async function sentChanges(page: Page): Promise<readonly SentChange[]> {
  // Not waitForFunction, which evaluates a text in the page: its policy of content refuses that.
  await eventually('an answer to each change', () =>
    page.evaluate<boolean>('window.sentChanges.length > 0 && window.pendingChanges === 0'),
  );
  return page.evaluate<readonly SentChange[]>('window.sentChanges');
}

/** Whether a change has this method and path; `*` is any one part of a path. */
export function isChange(shape: string, { change }: SentChange): boolean {
  const [wanted, sent] = [shape.split('/'), change.split('/')];
  return wanted.length === sent.length && wanted.every((part, at) => part === '*' || part === sent[at]);
}

/** Forgets the changes so far. */
export async function forgetChanges(page: Page): Promise<void> {
  await page.evaluate('window.sentChanges.length = 0');
}

/** Positions of the live events that this document received, in order. */
export const liveIds = (page: Page): Promise<readonly string[]> => page.evaluate<readonly string[]>('window.liveIds');
