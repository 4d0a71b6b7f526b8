import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import type { Permission, Role } from '../../../domain/access/roles.js';
import { invariant } from '../../../kernel/errors.js';
import { contextOf } from './request-context.js';

/** Who asks: a user in a session of the browser, or a script with a personal access token. */
export interface Principal {
  /** Opaque. */
  readonly userId: string;
  /** Of the user, or of the token when that is less. */
  readonly role: Role;
  readonly via: 'session' | 'token';
  /** Opaque reference of the session or id of the token; not the secret. */
  readonly ref: string;
  /** Whether it may do this now, by the matrix (SEC-12) and the settings. */
  may(permission: Permission): boolean;
  /** What the user must do first, when that is why so little is allowed: such as enrolling a second factor. */
  readonly blocked: string | undefined;
}

/** Parameter of a controller's method that needs a permission. */
export const Me: () => ParameterDecorator = createParamDecorator((_: unknown, context: ExecutionContext): Principal => {
  const { principal } = contextOf(context.switchToHttp().getRequest<Request>());
  invariant(principal !== undefined, 'NO_PRINCIPAL', 'a public endpoint asked who its user is');
  return principal;
});
