/** A refusal of the server: an RFC 9457 problem, with the faults of single fields. */
export class Problem extends Error {
  constructor(status, body) {
    super(body.detail ?? body.title ?? `The server answered ${status}.`);
    this.status = status;
    this.code = body.code ?? '';
    this.remedy = body.remedy ?? '';
    /** Seconds after which the server takes the same request; null when it does not say. */
    this.retryAfter = null;
    this.faults = (body.errors ?? []).map((fault) => ({ field: fault.field, message: fault.message }));
  }
}

const session = { csrf: null };
const CSRF_HEADER = 'X-CSRF-Token';

/** The token that every change carries; the server gives it with the session. */
export function useCsrf(token) {
  session.csrf = token;
}

/** Address under /api of the pieces, each of them escaped. */
export function address(pieces, query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== '');
  const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return `/api/${pieces.map(encodeURIComponent).join('/')}${search === '' ? '' : `?${search}`}`;
}

const proof = { ask: null, asking: null };

/** `ask` shows a dialog for the password and resolves to whether it was right. */
export function onProofNeeded(ask) {
  proof.ask = ask;
}

/**
 * Resolves with {body, etag}; throws Problem, also when the server cannot be reached (status 0). A change that needs the
 * password again asks for it, and is repeated once.
 */
export async function call(method, pieces, options = {}) {
  try {
    return await send(method, pieces, options);
  } catch (problem) {
    if (problem.code !== 'FRESH_PROOF_NEEDED' || proof.ask === null) throw problem;
    proof.asking ??= proof.ask().finally(() => (proof.asking = null));
    if (await proof.asking) return send(method, pieces, options);
    throw new Problem(0, { detail: 'Nothing was changed: your password was not confirmed.' });
  }
}

async function send(method, pieces, { body, headers = {}, query }) {
  const sent = { Accept: 'application/json', ...headers };
  if (body !== undefined) sent['Content-Type'] = 'application/json';
  if (method !== 'GET') {
    sent['Idempotency-Key'] = newKey();
    if (session.csrf !== null) sent[CSRF_HEADER] = session.csrf;
  }
  let answer;
  try {
    answer = await fetch(address(pieces, query), {
      method,
      headers: sent,
      body: body === undefined ? null : JSON.stringify(body),
      credentials: 'same-origin',
      cache: 'no-store',
    });
  } catch {
    throw new Problem(0, {
      detail: 'The bot does not respond.',
      remedy: 'It may be restarting. This page continues when the bot responds.',
    });
  }
  const content = await readBody(answer);
  if (!answer.ok) throw refusalOf(answer, content);
  return { body: content, etag: answer.headers.get('etag') };
}

function refusalOf(answer, content) {
  const problem = new Problem(answer.status, content ?? {});
  const seconds = Number(answer.headers.get('retry-after'));
  if (seconds > 0) problem.retryAfter = seconds;
  return problem;
}

async function readBody(answer) {
  const text = await answer.text();
  if (text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Not crypto.randomUUID: that is missing on plain http to another address. */
function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

export const get = async (...pieces) => (await call('GET', pieces)).body;
export const post = async (pieces, body) => (await call('POST', pieces, { body: body ?? {} })).body;
export const remove = async (pieces) => (await call('DELETE', pieces)).body;
