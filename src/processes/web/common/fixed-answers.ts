import type { Request } from 'express';
import type { FixedFile } from './fixed-file.js';
import type { AnswerMaker, PreparedAnswer } from './prepared-answer.js';
import { contextOf } from './request-context.js';

const MOST_KEPT = 128;
const LONGEST_KEY = 400;

export interface FixedAnswer {
  readonly answer: PreparedAnswer;
  /** Pattern of the route. */
  readonly route: string | undefined;
}

/** Files for everybody as they were sent, by address and by what encodings the client takes. They do not change while the process runs. */
export class FixedAnswers {
  readonly #answers = new Map<string, FixedAnswer>();

  constructor(private readonly maker: AnswerMaker) {}

  find(url: string, encodings: string | undefined): FixedAnswer | undefined {
    return this.#answers.get(keyOf(url, encodings));
  }

  /** `headers`: what was set for this file besides its type, length and tag. */
  keep(request: Request, { etag, type, bytes }: FixedFile, headers: Readonly<Record<string, string>>): void {
    const key = keyOf(request.originalUrl, request.headers['accept-encoding']);
    if (request.method !== 'GET' || key.length > LONGEST_KEY) return;
    const answer = this.maker.prepare({ etag, type, bytes, headers: Object.entries(headers) });
    this.#answers.set(key, { answer, route: contextOf(request).route });
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > MOST_KEPT && oldest !== undefined) this.#answers.delete(oldest);
  }
}

function keyOf(url: string, encodings: string | undefined): string {
  return `${encodings ?? ''}\n${url}`;
}
