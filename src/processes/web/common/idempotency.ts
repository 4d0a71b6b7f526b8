import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import type { Request, Response } from 'express';
import { from, type Observable, lastValueFrom } from 'rxjs';
import { canonicalJson } from '../../../kernel/canonical-json.js';
import { sha256Hex } from '../../../kernel/hash.js';
import { Problem } from './problem.js';
import { contextOf } from './request-context.js';

interface Kept {
  readonly body: string;
  readonly answer: Promise<Answered>;
  readonly until: number;
}

interface Answered {
  readonly status: number;
  readonly value: unknown;
}

const KEY = /^[\x21-\x7e]{8,128}$/;
const MOST_KEPT = 1_000;
const KEPT_MS = 24 * 60 * 60 * 1_000;
const MUTATIONS = ['POST', 'PUT', 'PATCH', 'DELETE'];

/**
 * `Idempotency-Key` on mutations of users: the same key with the same request gets the first one's answer and does nothing
 * again, also while the first one runs; with another request it is refused. Kept in memory, per user, for a day, the last
 * thousand; only what succeeded is kept. Endpoints without a user ignore it.
 */
export class IdempotencyInterceptor implements NestInterceptor {
  readonly #kept = new Map<string, Kept>();

  /** `nowMs`: monotonic milliseconds. */
  constructor(private readonly nowMs: () => number = () => performance.now()) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    const request = http.getRequest<Request>();
    const { principal } = contextOf(request);
    const key = request.headers['idempotency-key'];
    if (key === undefined || principal === undefined || !MUTATIONS.includes(request.method)) return next.handle();
    if (typeof key !== 'string' || !KEY.test(key)) throw badKey();
    const response = http.getResponse<Response>();
    return from(this.#once(`${principal.userId} ${key}`, fingerprint(request), response, next));
  }

  async #once(place: string, body: string, response: Response, next: CallHandler): Promise<unknown> {
    this.#drop();
    const before = this.#kept.get(place);
    if (before !== undefined) {
      if (before.body !== body) throw reused();
      const { status, value } = await before.answer;
      response.status(status).setHeader('Idempotent-Replayed', 'true');
      return value;
    }
    const answer = lastValueFrom(next.handle(), { defaultValue: undefined }).then((value: unknown) => ({
      status: response.statusCode,
      value,
    }));
    this.#kept.set(place, { body, answer, until: this.nowMs() + KEPT_MS });
    try {
      return (await answer).value;
    } catch (error) {
      this.#kept.delete(place);
      throw error;
    }
  }

  /** Oldest first: a map keeps the order of insertion. */
  #drop(): void {
    const now = this.nowMs();
    for (const [place, { until }] of this.#kept) {
      if (until > now && this.#kept.size < MOST_KEPT) break;
      this.#kept.delete(place);
    }
  }
}

function fingerprint(request: Request): string {
  const body: unknown = request.body;
  return sha256Hex(`${request.method} ${request.originalUrl} ${canonicalJson(body ?? null)}`);
}

function badKey(): Problem {
  return new Problem({
    status: 400,
    code: 'BAD_IDEMPOTENCY_KEY',
    detail: 'The key for repeating a request is not valid.',
    remedy: 'Load the page again and repeat what you did.',
    script: 'Send an Idempotency-Key of 8 to 128 visible ASCII characters, a new UUID for each new request.',
  });
}

function reused(): Problem {
  return new Problem({
    status: 422,
    code: 'IDEMPOTENCY_KEY_REUSED',
    detail: 'The key for repeating a request was already used for another one.',
    remedy: 'Load the page again and repeat what you did.',
    script: 'Send an Idempotency-Key of 8 to 128 visible ASCII characters, a new UUID for each new request.',
  });
}
