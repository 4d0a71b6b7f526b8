import type { Request, Response } from 'express';
import { canonicalJson } from '../../../kernel/canonical-json.js';
import { sha256Hex } from '../../../kernel/hash.js';
import { Problem } from './problem.js';

/*
 * Every GET has a weak ETag of its body and answers 304 by itself (the HTTP adapter does). What is here is for resources
 * that are changed by PUT: their tag covers only what is stored.
 */

/** Weak tag of a JSON value. */
export function etagOf(value: unknown): string {
  return `W/"${sha256Hex(canonicalJson(value)).slice(0, 32)}"`;
}

export function sendEtag(response: Response, etag: string): void {
  response.setHeader('ETag', etag);
}

/** A change names the version that it was made of. Throws a Problem 428 without If-Match, 412 when it is another. */
export function requireIfMatch(request: Request, etag: string): void {
  const given = request.headers['if-match'];
  if (given === undefined) {
    throw new Problem({
      status: 428,
      code: 'IF_MATCH_NEEDED',
      detail: 'The change does not say which version it was made of.',
      remedy: 'Load the page again, then repeat the change.',
      script: 'Send the ETag of the last GET as If-Match.',
    });
  }
  if (given.split(',').some((tag) => weak(tag) === weak(etag))) return;
  throw new Problem({
    status: 412,
    code: 'CHANGED_MEANWHILE',
    detail: 'This was changed after you read it.',
    remedy: 'Load it again, look at what changed, and repeat your change.',
    headers: { ETag: etag },
  });
}

function weak(tag: string): string {
  return tag.trim().replace(/^W\//, '');
}
