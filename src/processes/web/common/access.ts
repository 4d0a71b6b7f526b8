import { SetMetadata } from '@nestjs/common';
import { needsFreshProof } from '../../../domain/access/fresh-proof.js';
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
export const PROOF_KEY = 'tradebot:without-proof';
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

/**
 * A change of account, users or secrets that needs no fresh proof of the password, with the reason. Every other one needs it
 * (`needsFreshProof`).
 */
export const WithoutProof = (reason: string): MethodDecorator => SetMetadata(PROOF_KEY, reason);

const READS = ['GET', 'HEAD'];

/** Whether a request with this method changes something. */
export function mutates(method: string): boolean {
  return !READS.includes(method);
}

/** Whether an endpoint needs a fresh proof; `exemption` is that of `WithoutProof`. */
export function demandsProof(access: Access, method: string, exemption: string | undefined): boolean {
  return access.kind === 'needs' && mutates(method) && needsFreshProof(access.permission) && exemption === undefined;
}

/** The group of routes that it belongs to: the state of the bot says which groups are served (WEB-4). */
export const ServedIn = (part: RouteGroup): ClassDecorator & MethodDecorator => SetMetadata(ROUTE_GROUP_KEY, part);
