import createClient, { type Middleware } from 'openapi-fetch';
import type { paths } from '../generated/api.js';
import { browserNow } from '../lib/clock.js';
import { ChangeKeys } from './once.js';
import { patiently } from './patience.js';
import { Problem, unreachable } from './problem.js';
import { sessionHeaders } from './session.js';

/** What a call of the client resolves to. */
export interface Answered<Body> {
  readonly data?: Body | undefined;
  readonly error?: unknown;
  readonly response: Response;
}

const withSession: Middleware = {
  onRequest({ request }) {
    for (const [name, value] of Object.entries(sessionHeaders())) request.headers.set(name, value);
    request.headers.set('Accept', 'application/json');
    return request;
  },
};

const keys = new ChangeKeys(newKey, browserNow);

/** A change carries the key that makes the server do it once. */
async function ask(request: Request): Promise<Response> {
  if (request.method === 'GET') return patiently(request);
  const { method, url, headers } = request;
  const change = [method, url, headers.get('If-Match'), await request.clone().text()].join('\n');
  const key = keys.keyOf(change);
  headers.set('Idempotency-Key', key);
  const answer = await patiently(request);
  keys.answered(change, key, answer.ok);
  return answer;
}

/** The typed client of the REST interface: `api.GET('/api/control')`. Use it through `useApi` and `send`. */
export const api = createClient<paths>({
  baseUrl: '',
  fetch: ask,
  credentials: 'same-origin',
  cache: 'no-store',
  querySerializer: { array: { style: 'form', explode: false } },
});
api.use(withSession);

/** The body of an answer. Throws Problem, also when the bot cannot be reached; `changes`: when it may have done something. */
export async function bodyOf<Body>(call: Promise<Answered<Body>>, changes = false): Promise<Body> {
  const { data, error, response } = await answerOf(call, changes);
  if (!response.ok) throw problemOf(response, error);
  return data as Body;
}

/** Asks for the password again; set by the frame. Resolves to whether it was right. */
export const proof: { ask: (() => Promise<boolean>) | null; asking: Promise<boolean> | null } = {
  ask: null,
  asking: null,
};

/** Waits until the user is logged in again; set by the root. Throws Problem when nothing more can be expected. */
export const session: { back: (() => Promise<void>) | null } = { back: null };

/**
 * The body of a change: `send(() => api.POST(...))`. Where the password is needed again it is asked for, where the session has
 * ended the log-in; then the change is sent once more. Throws Problem.
 */
export async function send<Body>(call: () => Promise<Answered<Body>>): Promise<Body> {
  return withProof(() => withSessionBack(call));
}

async function withSessionBack<Body>(call: () => Promise<Answered<Body>>): Promise<Body> {
  try {
    return await bodyOf(call(), true);
  } catch (error) {
    if (!(error instanceof Problem) || !isLoggedOut(error) || session.back === null) throw error;
    await session.back();
    return bodyOf(call(), true);
  }
}

async function withProof<Body>(call: () => Promise<Body>): Promise<Body> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'FRESH_PROOF_NEEDED' || proof.ask === null) throw error;
    proof.asking ??= proof.ask().finally(() => (proof.asking = null));
    if (await proof.asking) return call();
    throw new Problem(0, { code: 'NOT_CONFIRMED', detail: 'Nothing was changed: your password was not confirmed.' });
  }
}

/** Whether the session of this browser is no more, or belongs to another log-in. */
export function isLoggedOut({ status, code }: Pick<Problem, 'status' | 'code'>): boolean {
  return status === 401 || code === 'CSRF_TOKEN_NEEDED';
}

/** Saves a file of the server under `name`; a link would not carry the session. Throws Problem. */
export async function download(address: string, name: string): Promise<void> {
  const request = new Request(address, { headers: sessionHeaders(), credentials: 'same-origin' });
  const answer = await patiently(request, { whole: false }).catch((error: unknown) => {
    throw error instanceof Problem ? error : unreachable();
  });
  if (!answer.ok) throw problemOf(answer, await answer.json().catch(() => ({})));
  const link = document.createElement('a');
  link.href = URL.createObjectURL(await answer.blob());
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

async function answerOf<Body>(call: Promise<Answered<Body>>, changes: boolean): Promise<Answered<Body>> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof Problem || (error instanceof DOMException && error.name === 'AbortError')) throw error;
    throw unreachable(changes);
  }
}

function problemOf(response: Response, body: unknown): Problem {
  const seconds = Number(response.headers.get('retry-after'));
  return new Problem(response.status, body, seconds > 0 ? seconds : null);
}

/** 32 hexadecimal digits that nobody had before. Not crypto.randomUUID: that is missing on plain http to another address. */
export function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
