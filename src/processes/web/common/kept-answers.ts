import { statSync } from 'node:fs';
import { SetMetadata, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { Request, Response } from 'express';
import { from, lastValueFrom, type Observable } from 'rxjs';
import type { Principal } from '../../../app/access/principal.js';
import { sha256Hex } from '../../../kernel/hash.js';
import type { WebContext } from '../web-context.js';
import { contextOf } from './request-context.js';

/** What an answer is made of. */
export type MadeOf = 'journal' | 'status file';

const MADE_OF_KEY = 'tradebot:made-of';
const MOST_KEPT = 32;
const MOST_BYTES = 512 * 1_024;

/** A GET whose answer depends on nothing but this, its address and the rights of who asks. */
export const MadeOfOnly = (what: MadeOf): MethodDecorator => SetMetadata(MADE_OF_KEY, what);

/**
 * Answers of GETs with `MadeOfOnly` are kept, and made again only when what they are made of has changed; who has the same one
 * gets 304 before anything is read. An answer may be newer than its tag: the next request then reads it once more.
 */
export class KeptAnswers implements NestInterceptor {
  readonly #texts = new Map<string, string>();

  constructor(private readonly context: WebContext) {}

  intercept(execution: ExecutionContext, next: CallHandler): Observable<unknown> {
    const what = Reflect.getMetadata(MADE_OF_KEY, execution.getHandler()) as MadeOf | undefined;
    if (what === undefined) return next.handle();
    const http = execution.switchToHttp();
    return from(this.#answer(what, http.getRequest<Request>(), http.getResponse<Response>(), next));
  }

  async #answer(what: MadeOf, request: Request, response: Response, next: CallHandler): Promise<unknown> {
    const version = await this.#versionOf(what);
    const { principal } = contextOf(request);
    if (version === undefined || principal === undefined) return lastValueFrom(next.handle());
    const tag = `"${sha256Hex([version, rightsOf(principal), request.originalUrl].join('\n')).slice(0, 32)}"`;
    const same = request.headers['if-none-match'] === tag;
    const text = same
      ? undefined
      : (this.#texts.get(tag) ?? this.#keep(tag, JSON.stringify(await lastValueFrom(next.handle()))));
    // Only now: a refusal of the endpoint has no tag.
    response.setHeader('ETag', tag);
    if (same) response.status(304);
    else response.type('application/json');
    return text;
  }

  #keep(tag: string, text: string): string {
    if (text.length > MOST_BYTES) return text;
    this.#texts.set(tag, text);
    const [oldest] = this.#texts.keys();
    if (this.#texts.size > MOST_KEPT && oldest !== undefined) this.#texts.delete(oldest);
    return text;
  }

  /** Undefined while there is none: the endpoint says why. */
  async #versionOf(what: MadeOf): Promise<string | undefined> {
    const opened = this.context.opened;
    if (opened === undefined) return undefined;
    if (what === 'status file') return versionOfFile(opened.paths.output.statusJson);
    // Its id, as a position can be given to another event after an undo.
    return (await opened.journal.readAll({ direction: 'backwards', limit: 1 }))[0]?.id;
  }
}

/** A file that is replaced as a whole: another inode, time or size. */
function versionOfFile(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false, bigint: true });
  return found === undefined ? undefined : `${found.ino} ${found.mtimeNs} ${found.size}`;
}

function rightsOf({ kind, role, ownRole, mustEnrolSecondFactor, mustChangePassword }: Principal): string {
  return [kind, role, ownRole, mustEnrolSecondFactor, mustChangePassword].join(' ');
}
