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

const CSRF_HEADER = 'X-CSRF-Token';
/** By origin, so that no server on another port of this machine reads it; every tab of this one does. */
export const SESSION_KEY = 'tradebot.session';
const session = { csrf: null };

/** A browser may refuse storage; then the log-in lasts until the page is left. */
function storage() {
  try {
    return localStorage;
  } catch {
    return undefined;
  }
}

/** The half of the session that no cookie carries: what another tab stored last counts. */
function csrfToken() {
  const kept = storage();
  return kept === undefined ? session.csrf : kept.getItem(SESSION_KEY);
}

/** The token that every request of a session carries; the server gives it at the log-in only. Null forgets it. */
export function useCsrf(token) {
  session.csrf = token;
  if (token === null) storage()?.removeItem(SESSION_KEY);
  else storage()?.setItem(SESSION_KEY, token);
}

/** What makes a request one of the session; nothing before the log-in. */
export function sessionHeaders() {
  const token = csrfToken();
  return token === null ? {} : { [CSRF_HEADER]: token };
}

/** Address under /api of the pieces, each of them escaped. */
function address(pieces, query = {}) {
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
  const sent = { Accept: 'application/json', ...sessionHeaders(), ...headers };
  if (body !== undefined) sent['Content-Type'] = 'application/json';
  if (method !== 'GET') sent['Idempotency-Key'] = newKey();
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
export function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Saves a file of the server under `name`; a link would not carry the session. Throws Problem. */
export async function download(pieces, name, query) {
  const answer = await fetch(address(pieces, query), { headers: sessionHeaders(), credentials: 'same-origin' });
  if (!answer.ok) throw new Problem(answer.status, (await readBody(answer)) ?? {});
  const link = document.createElement('a');
  link.href = URL.createObjectURL(await answer.blob());
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

export const get = async (...pieces) => (await call('GET', pieces)).body;
export const post = async (pieces, body) => (await call('POST', pieces, { body: body ?? {} })).body;
export const remove = async (pieces) => (await call('DELETE', pieces)).body;
