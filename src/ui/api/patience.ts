import { noAnswer } from './problem.js';

/** How long a page waits for an answer, in milliseconds: a change may make keys or a copy of the journal. */
const READ_MS = 20_000;
const CHANGE_MS = 60_000;

/**
 * The answer to a request, read to its end. Throws Problem NO_ANSWER when it does not come in time, and what fetch throws.
 * `whole: false` waits for its beginning only, as for a file.
 */
export async function patiently(request: Request, { whole = true } = {}): Promise<Response> {
  const changes = request.method !== 'GET';
  const waitMs = changes ? CHANGE_MS : READ_MS;
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), waitMs);
  try {
    const answer = await fetch(request, { signal: AbortSignal.any([request.signal, late.signal]) });
    if (!whole) return answer;
    const { status, statusText, headers } = answer;
    const bytes = await answer.arrayBuffer();
    return new Response(bytes.byteLength === 0 ? null : bytes, { status, statusText, headers });
  } catch (error) {
    throw late.signal.aborted ? noAnswer(waitMs / 1_000, changes) : error;
  } finally {
    clearTimeout(timer);
  }
}
