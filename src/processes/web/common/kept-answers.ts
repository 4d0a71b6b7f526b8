import { SetMetadata, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { Request, Response } from 'express';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { invariant } from '../../../kernel/errors.js';
import { ACCESS_KEY, ROUTE_GROUP_KEY, type Access } from './access.js';
import type { AnswerStore, Declared } from './answer-store.js';
import type { AnswerVersions, MadeOf } from './answer-versions.js';
import { declared } from './guards.js';
import { contextOf } from './request-context.js';
import type { RouteGroup } from './route-availability.js';

const MADE_OF_KEY = 'tradebot:made-of';

/** A GET whose answer depends on nothing but this, its address and the rights of who asks. */
export const MadeOfOnly = (what: MadeOf): MethodDecorator => SetMetadata(MADE_OF_KEY, what);

/**
 * Answers of GETs with `MadeOfOnly` are kept, and made again only when what they are made of has changed; who has the same one
 * gets 304 before anything is read. An answer may be newer than its tag: the next request then reads it once more. What is kept
 * here the fast lane gives again without Nest.
 */
export class KeptAnswers implements NestInterceptor {
  constructor(
    private readonly store: AnswerStore,
    private readonly versions: AnswerVersions,
  ) {}

  intercept(execution: ExecutionContext, next: CallHandler): Observable<unknown> {
    const what = Reflect.getMetadata(MADE_OF_KEY, execution.getHandler()) as MadeOf | undefined;
    if (what === undefined) return next.handle();
    const http = execution.switchToHttp();
    const request = http.getRequest<Request>();
    const about = { ...declaredBy(execution), madeOf: what, route: contextOf(request).route };
    return from(this.#answer(about, request, http.getResponse<Response>(), next));
  }

  async #answer(about: Declared, request: Request, response: Response, next: CallHandler): Promise<unknown> {
    const { principal } = contextOf(request);
    if (principal === undefined) return lastValueFrom(next.handle());
    const url = request.originalUrl;
    const known = this.store.find(url, principal, this.versions.now(about.madeOf));
    const version = known?.version ?? (await this.versions.toMakeOf(about.madeOf));
    if (version === undefined) return lastValueFrom(next.handle());
    const etag = this.store.tag(url, principal, version);
    const same = request.headers['if-none-match'] === etag;
    const kept = known?.answer.bytes?.toString();
    const text = same ? undefined : (kept ?? JSON.stringify(await lastValueFrom(next.handle())));
    if (known === undefined || (text !== undefined && kept === undefined)) {
      this.store.keep(url, about, { principal, version, ...(text === undefined ? {} : { text }) });
    }
    // Only now: a refusal of the endpoint has no tag.
    response.setHeader('ETag', etag);
    if (same) response.status(304);
    else response.type('application/json');
    return text;
  }
}

function declaredBy(execution: ExecutionContext): Pick<Declared, 'permission' | 'part'> {
  const access = declared<Access>(ACCESS_KEY, execution);
  invariant(
    access.kind === 'needs',
    'KEPT_FOR_NOBODY',
    `${execution.getClass().name} keeps answers without a permission`,
  );
  return { permission: access.permission, part: declared<RouteGroup>(ROUTE_GROUP_KEY, execution) };
}
