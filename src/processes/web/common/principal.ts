import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import type { Principal } from '../../../app/access/principal.js';
import { invariant } from '../../../kernel/errors.js';
import { contextOf } from './request-context.js';

export type { Principal };

/** Parameter of a controller's method that needs a permission: `@Me() me: Principal`. */
export const Me: () => ParameterDecorator = createParamDecorator((_: unknown, context: ExecutionContext): Principal => {
  const { principal } = contextOf(context.switchToHttp().getRequest<Request>());
  invariant(principal !== undefined, 'NO_PRINCIPAL', 'a public endpoint asked who its user is');
  return principal;
});
