import type { ServerResponse } from 'node:http';
import { REQUEST_ID } from './request-log.js';

type Header = readonly [name: string, value: string];

/** An answer with its head, as it is sent to everybody who may have it. */
export interface PreparedAnswer {
  readonly etag: string;
  /** Undefined for one that is too large to be kept: then it is only known to be the same. */
  readonly bytes: Buffer | undefined;
  /** The bytes of a small one as a text: head and body are then written in one piece. */
  readonly latin1: string | undefined;
  /** Names and values in turn, of the answer and of 304. */
  readonly head: readonly string[];
  readonly headOfSame: readonly string[];
}

export interface AnswerParts {
  readonly etag: string;
  readonly type: string;
  readonly bytes: Buffer | undefined;
  /** What this answer has in addition to the headers of every answer. */
  readonly headers: readonly Header[];
}

const ONE_PIECE_BYTES = 16 * 1_024;

/** Prepares answers: `always` are the headers of every answer. */
export class AnswerMaker {
  constructor(private readonly always: readonly Header[]) {}

  prepare({ etag, type, bytes, headers }: AnswerParts): PreparedAnswer {
    const headOfSame = [...this.always, ...headers, ['ETag', etag] as const].flat();
    const head = [...headOfSame, 'Content-Type', type, 'Content-Length', String(bytes?.length ?? 0)];
    const latin1 = bytes !== undefined && bytes.length <= ONE_PIECE_BYTES ? bytes.toString('latin1') : undefined;
    return { etag, bytes, latin1, head, headOfSame };
  }
}

/** Whether a client that has `tag` (If-None-Match, as it came) can be answered: with 304, or with the bytes. */
export function isAnswerable({ etag, bytes }: PreparedAnswer, tag: string | undefined): boolean {
  return tag === etag || (tag === undefined && bytes !== undefined);
}

/** Sends 304 to who has it already, else all of it. */
export function sendPrepared(
  response: ServerResponse,
  answer: PreparedAnswer,
  tag: string | undefined,
  id: string,
): void {
  const same = tag === answer.etag;
  response.writeHead(same ? 304 : 200, [...(same ? answer.headOfSame : answer.head), REQUEST_ID, id]);
  if (same) response.end();
  else if (answer.latin1 === undefined) response.end(answer.bytes);
  else response.end(answer.latin1, 'latin1');
}
