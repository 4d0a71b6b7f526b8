import { createHash } from 'node:crypto';
import type { Request, Response } from 'express';

/** A response that never changes while the process runs. Anybody may ask for it, so nothing of it is computed for each request. */
export interface FixedFile {
  readonly type: string;
  readonly bytes: Buffer;
  readonly etag: string;
}

export function fixedFile(type: string, bytes: Buffer): FixedFile {
  return { type, bytes, etag: `"${createHash('sha256').update(bytes).digest('hex').slice(0, 32)}"` };
}

/** The file, or 304 for who has it. */
export function sendFixed(request: Request, response: Response, { type, bytes, etag }: FixedFile): void {
  response.set('ETag', etag);
  if (request.headers['if-none-match'] === etag) {
    response.status(304).end();
    return;
  }
  response.set({ 'Content-Type': type, 'Content-Length': String(bytes.length) }).status(200);
  response.end(request.method === 'HEAD' ? undefined : bytes);
}
