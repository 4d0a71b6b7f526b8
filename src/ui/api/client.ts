import createClient, { type Middleware } from 'openapi-fetch';
import type { paths } from '../generated/api.js';
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
    if (request.method !== 'GET' && !request.headers.has('Idempotency-Key')) {
      request.headers.set('Idempotency-Key', newKey());
    }
    return request;
  },
};

/** The typed client of the REST interface: `api.GET('/api/control')`. Use it through `useApi` and `send`. */
export const api = createClient<paths>({
  baseUrl: '',
  credentials: 'same-origin',
  cache: 'no-store',
  querySerializer: { array: { style: 'form', explode: false } },
});
api.use(withSession);

/** The body of an answer. Throws Problem, also when the bot cannot be reached. */
export async function bodyOf<Body>(call: Promise<Answered<Body>>): Promise<Body> {
  const { data, error, response } = await answerOf(call);
  if (!response.ok) throw problemOf(response, error);
  return data as Body;
}

/** Asks for the password again; set by the frame. Resolves to whether it was right. */
export const proof: { ask: (() => Promise<boolean>) | null; asking: Promise<boolean> | null } = {
  ask: null,
  asking: null,
};

/**
 * The body of a change: `send(() => api.POST(...))`. Where the password is needed again it is asked for, and the change is
 * repeated once. Throws Problem.
 */
export async function send<Body>(call: () => Promise<Answered<Body>>): Promise<Body> {
  try {
    return await bodyOf(call());
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'FRESH_PROOF_NEEDED' || proof.ask === null) throw error;
    proof.asking ??= proof.ask().finally(() => (proof.asking = null));
    if (await proof.asking) return bodyOf(call());
    throw new Problem(0, { code: 'NOT_CONFIRMED', detail: 'Nothing was changed: your password was not confirmed.' });
  }
}

/** Saves a file of the server under `name`; a link would not carry the session. Throws Problem. */
export async function download(address: string, name: string): Promise<void> {
  const answer = await fetch(address, { headers: sessionHeaders(), credentials: 'same-origin' }).catch(() => {
    throw unreachable();
  });
  if (!answer.ok) throw problemOf(answer, await answer.json().catch(() => ({})));
  const link = document.createElement('a');
  link.href = URL.createObjectURL(await answer.blob());
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

async function answerOf<Body>(call: Promise<Answered<Body>>): Promise<Answered<Body>> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw unreachable();
  }
}

function problemOf(response: Response, body: unknown): Problem {
  const seconds = Number(response.headers.get('retry-after'));
  return new Problem(response.status, body, seconds > 0 ? seconds : null);
}

/** Not crypto.randomUUID: that is missing on plain http to another address. */
function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
