import type { Page } from 'playwright-core';
import { eventually } from '../../support/eventually.js';

/** A change that a page sent. */
export interface SentChange {
  /** `POST /api/books/seal`. */
  readonly change: string;
  /** Its Idempotency-Key. */
  readonly key: string;
}

/** In the page, before its first script: notes each change that the app sends. */
const WATCH = `(() => {
  const ask = window.fetch;
  window.sentChanges = [];
  window.pendingChanges = 0;
  window.fetch = async (input, init) => {
    const request = input instanceof Request ? input : null;
    const address = new URL(request === null ? input : request.url, location.href).pathname;
    if (request === null || request.method === 'GET') return ask(input, init);
    window.sentChanges.push({ change: request.method + ' ' + address, key: request.headers.get('Idempotency-Key') });
    window.pendingChanges += 1;
    try {
      return await ask(input, init);
    } finally {
      window.pendingChanges -= 1;
    }
  };
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
