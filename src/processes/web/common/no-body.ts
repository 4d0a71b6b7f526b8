import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import type { Request } from 'express';
import type { Observable } from 'rxjs';
import { takesBody } from './catalogue.js';
import { Problem, type FieldFault } from './problem.js';

/** Whether a request comes with a body, read or not. */
export function bringsBody({ headers }: Pick<Request, 'headers'>): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

const MOST_FAULTS = 300;
const LONGEST_FIELD = 200;

/**
 * An operation that describes no body takes none: what a caller sends along would be dropped without a word, and the caller
 * would believe that it counted. `{}` is nothing. Throws a Problem 400 that names each field.
 */
export class NoBodyInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (!takesBody(context.getClass(), context.getHandler().name)) {
      const errors = faultsOf(context.switchToHttp().getRequest<Request>());
      if (errors.length > 0) throw bodyNotTaken(errors);
    }
    return next.handle();
  }
}

function faultsOf(request: Request): readonly FieldFault[] {
  const body: unknown = request.body;
  if (body === undefined && !bringsBody(request)) return [];
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    return [{ field: '', message: 'must be left out' }];
  }
  const names = Object.keys(body).slice(0, MOST_FAULTS);
  return names.map((name) => ({ field: name.slice(0, LONGEST_FIELD), message: 'is unknown' }));
}

function bodyNotTaken(errors: readonly FieldFault[]): Problem {
  return new Problem({
    status: 400,
    code: 'BODY_NOT_TAKEN',
    detail: 'This address takes no values, and some were sent.',
    remedy: 'Load the page again and repeat what you did. Nothing was changed.',
    script: 'Send no body, or {}; the member errors lists what was sent.',
    errors,
  });
}
