import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import helmet from 'helmet';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { isWellFormed } from '../../../kernel/well-formed.js';
import { bringsBody } from './no-body.js';
import { NO_ADDRESS, Problem, TOO_LARGE } from './problem.js';
import { methodNotAllowed, sendProblem } from './responses.js';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** Everything comes from ourselves; no script or style inside a page, nothing in a frame (SEC-15). */
const CONTENT_POLICY = {
  'default-src': ["'none'"],
  'script-src': ["'self'"],
  'style-src': ["'self'"],
  'img-src': ["'self'", 'data:'],
  'font-src': ["'self'"],
  'connect-src': ["'self'"],
  'manifest-src': ["'self'"],
  'form-action': ["'self'"],
  'frame-ancestors': ["'none'"],
  'base-uri': ["'none'"],
  'object-src': ["'none'"],
};

const YEAR_S = 31_536_000;

/** Helmet's headers, name and value: they are the same for every answer, so helmet writes them once. */
export function securityHeadersOf(options: { readonly tls: boolean }): readonly (readonly [string, string])[] {
  return Object.entries(writtenBy(helmetOf(options)));
}

export function securityHeaders(headers: ReturnType<typeof securityHeadersOf>): RequestHandler {
  return (_request, response, next) => {
    for (const [name, value] of headers) response.setHeader(name, value);
    next();
  };
}

function helmetOf(options: { readonly tls: boolean }): ReturnType<typeof helmet> {
  return helmet({
    contentSecurityPolicy: { useDefaults: false, directives: CONTENT_POLICY },
    strictTransportSecurity: options.tls ? { maxAge: YEAR_S, includeSubDomains: false } : false,
    frameguard: { action: 'deny' },
    referrerPolicy: { policy: 'no-referrer' },
    crossOriginOpenerPolicy: { policy: 'same-origin' },
    crossOriginResourcePolicy: { policy: 'same-origin' },
    crossOriginEmbedderPolicy: false,
  });
}

function writtenBy(handler: ReturnType<typeof helmet>): Readonly<Record<string, string>> {
  const written: Record<string, string> = {};
  const request = new IncomingMessage(new Socket());
  const response = new ServerResponse(request);
  handler(request, response, () => undefined);
  for (const name of response.getHeaderNames()) written[name] = String(response.getHeader(name));
  return written;
}

/** Of an answer to a question: it may be asked for again by ETag. */
export const ASK_AGAIN = { 'Cache-Control': 'private, no-cache', Vary: 'Cookie, Authorization' } as const;

/** Answers to questions may be asked for again by ETag; everything else is kept nowhere. */
export function cacheHeaders(request: Request, response: Response, next: NextFunction): void {
  const reads = request.method === 'GET' || request.method === 'HEAD';
  response.setHeader('Cache-Control', reads ? ASK_AGAIN['Cache-Control'] : 'no-store');
  response.vary(ASK_AGAIN.Vary);
  next();
}

export function onlyKnownMethods(request: Request, response: Response, next: NextFunction): void {
  if (METHODS.includes(request.method)) next();
  else sendProblem(request, response, methodNotAllowed(request.method, METHODS));
}

const LOOPBACK_NAMES = /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/i;
const ANY_NAME = /^[A-Za-z0-9.:[\]_-]{1,255}$/;

/** Whether a request names us: a name of the loopback where we are bound to that, any well-formed name elsewhere. */
export function isOurHost(host: string | undefined, loopback: boolean): boolean {
  return (loopback ? LOOPBACK_NAMES : ANY_NAME).test(host ?? '');
}

/**
 * Bound to the loopback, only names of the loopback are served: a page elsewhere whose name was made to point here gets
 * nothing. `loopback` false: any well-formed name.
 */
export function onlyOurHosts(loopback: boolean): RequestHandler {
  return (request, response, next) => {
    if (isOurHost(request.headers.host, loopback)) next();
    else {
      sendProblem(request, response, {
        status: 421,
        code: 'WRONG_HOST',
        detail: 'The request names another host.',
        remedy: 'Use http://127.0.0.1 or http://localhost with the port of the bot.',
      });
    }
  };
}

/**
 * The refusal, 403, of a request that a page of another site sends, whatever cookie it brings; undefined for one of a page of
 * ours, or of no page: a script.
 */
export function foreignOrigin(request: Request): Problem | undefined {
  const { origin, host } = request.headers;
  const site = request.headers['sec-fetch-site'];
  const ours = origin === undefined || (hostOf(origin) !== undefined && hostOf(origin) === host?.toLowerCase());
  if (ours && (site === undefined || site === 'same-origin' || site === 'none')) return undefined;
  return new Problem({
    status: 403,
    code: 'FOREIGN_ORIGIN',
    detail: 'The request comes from a page of another site.',
    remedy: 'Use the pages of this bot, or a personal access token in a script.',
  });
}

function hostOf(origin: string): string | undefined {
  const found = /^https?:\/\/([A-Za-z0-9.:[\]_-]{1,255})$/i.exec(origin)?.[1];
  return found?.toLowerCase();
}

/**
 * An address of the interface that ends with a slash is none: a script whose id is empty would reach the whole list, and
 * `DELETE /api/auth/sessions/` would end every session of its user.
 */
export function onlyWholeAddresses(request: Request, response: Response, next: NextFunction): void {
  if (/^\/api\/.*\/$/i.test(request.path)) sendProblem(request, response, NO_ADDRESS);
  else next();
}

export const MOST_BODY_BYTES = 100 * 1_024;
const DEEPEST = 12;
/** Of a whole body: the settings have fewer than two hundred. */
const MOST_MEMBERS = 1_000;
/** Time in which the sender of a body that is too large can read the refusal. */
const LINGER_MS = 1_000;

/** Refuses a body that is too large without reading it to its end: by its announced length, or as soon as it is. */
export function refuseLargeBodies(request: Request, response: Response, next: NextFunction): void {
  if (Number(request.headers['content-length'] ?? 0) > MOST_BODY_BYTES) {
    refuseLarge(request, response);
    return;
  }
  if (request.headers['transfer-encoding'] !== undefined) {
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MOST_BODY_BYTES && !response.headersSent) refuseLarge(request, response);
    });
  }
  next();
}

function refuseLarge(request: Request, response: Response): void {
  sendProblem(request, response, TOO_LARGE);
  request.resume();
  const end = setTimeout(() => request.socket.destroy(), LINGER_MS);
  request.once('close', () => clearTimeout(end));
}
/** Names that reach behind an object; the mapper of bodies would pass over the second unseen. */
const NEVER_MEMBERS = ['__proto__', 'constructor', 'prototype'];

/**
 * After the body parser: only objects of bounded depth and size, and no names in them that reach behind an object. A mutation with a body that was no JSON
 * has none here, which is a fault as well.
 */
export function onlyPlainBodies(request: Request, response: Response, next: NextFunction): void {
  const body: unknown = request.body;
  if (body === undefined && bringsBody(request) && request.method !== 'GET' && request.method !== 'HEAD') {
    sendProblem(request, response, {
      status: 415,
      code: 'NOT_JSON',
      detail: 'The bot could not read the request.',
      remedy: 'Load the page again and repeat what you did.',
      script: 'Send JSON in UTF-8 with Content-Type: application/json.',
    });
    return;
  }
  const fault = faultOf(body);
  if (fault === undefined) next();
  else sendProblem(request, response, BODY_FAULTS[fault]);
}

const BODY_FAULTS = {
  shape: {
    status: 400,
    code: 'MALFORMED_REQUEST',
    detail: `The bot could not read the request: it is nested too deeply, has more than ${MOST_MEMBERS} members, or a forbidden name.`,
    remedy: 'Load the page again and repeat what you did.',
    script: 'See /api/docs for the members of each body.',
  },
  text: {
    status: 422,
    code: 'ILL_FORMED_TEXT',
    detail: 'A text has half a character in it: it was cut in the middle of a symbol.',
    remedy: 'Type the text again, without the symbol that was cut.',
  },
} as const;

/**
 * No recursion: a body of 100 kB can be nested fifty thousand deep. No text comes in with half a surrogate pair, of which no
 * file can keep the bytes.
 */
function faultOf(body: unknown): keyof typeof BODY_FAULTS | undefined {
  let level: unknown[] = [body];
  let members = 0;
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > DEEPEST) return 'shape';
    const inner: unknown[] = [];
    for (const value of level) {
      if (typeof value !== 'object' || value === null) continue;
      if (NEVER_MEMBERS.some((name) => Object.hasOwn(value, name))) return 'shape';
      const parts: readonly (readonly [string, unknown])[] = Object.entries(value);
      members += parts.length;
      if (members > MOST_MEMBERS) return 'shape';
      for (const [name, part] of parts) {
        if (!isWellFormed(name) || (typeof part === 'string' && !isWellFormed(part))) return 'text';
        if (typeof part === 'object' && part !== null) inner.push(part);
      }
    }
    level = inner;
  }
  return undefined;
}
