import { SetMetadata } from '@nestjs/common';
import type { Permission } from '../../../domain/access/roles.js';
import type { RouteGroup } from './route-availability.js';

/** Who may call an endpoint. */
export type Access =
  | { readonly kind: 'needs'; readonly permission: Permission }
  /** The person who started the bot, while no user can allow it (SEC-6). */
  | { readonly kind: 'setup-token' }
  /** Anybody: `reason` says why that is safe. */
  | { readonly kind: 'public'; readonly reason: string };

export const ACCESS_KEY = 'tradebot:access';
export const ROUTE_GROUP_KEY = 'tradebot:part';
export const ANSWER_KEY = 'tradebot:answer';

/** On a method, or on a class for all of its methods: the permission of the matrix (SEC-12) that a user must have. */
export const Needs = (permission: Permission): ClassDecorator & MethodDecorator =>
  SetMetadata(ACCESS_KEY, { kind: 'needs', permission } satisfies Access);

/** An endpoint for who sends the one-time token that main prints, as X-Setup-Token: set-up and first account. */
export const BySetupToken = (): ClassDecorator & MethodDecorator =>
  SetMetadata(ACCESS_KEY, { kind: 'setup-token' } satisfies Access);

/** An endpoint for everybody. Mutations still need an origin that is ours. */
export const Public = (reason: string): ClassDecorator & MethodDecorator =>
  SetMetadata(ACCESS_KEY, { kind: 'public', reason } satisfies Access);

/** The group of routes that it belongs to: the state of the bot says which groups are served (WEB-4). */
export const ServedIn = (part: RouteGroup): ClassDecorator & MethodDecorator => SetMetadata(ROUTE_GROUP_KEY, part);
