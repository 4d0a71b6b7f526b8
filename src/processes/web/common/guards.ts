import type { CanActivate, ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import type { BotState } from '../../../domain/lifecycle/bot-state.js';
import { invariant } from '../../../kernel/errors.js';
import { ACCESS_KEY, demandsProof, PROOF_KEY, ROUTE_GROUP_KEY, type Access } from './access.js';
import type { Gatekeeper } from './gatekeeper.js';
import { isServed, notServed, type RouteGroup } from './route-availability.js';
import { contextOf } from './request-context.js';

export function declared<T>(key: string, context: ExecutionContext): T {
  const found: unknown = Reflect.getMetadata(key, context.getHandler()) ?? Reflect.getMetadata(key, context.getClass());
  // catalogueOf has made sure of it
  invariant(found !== undefined, 'ENDPOINT_UNDECLARED', `${context.getClass().name} lacks ${key}`);
  return found as T;
}

/** Only what the state of the bot allows is served (WEB-4). */
export class StateGate implements CanActivate {
  constructor(private readonly state: () => BotState) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<Request>();
    contextOf(request).route = (request.route as { readonly path?: string } | undefined)?.path;
    const part = declared<RouteGroup>(ROUTE_GROUP_KEY, context);
    const state = this.state();
    if (!isServed(part, state)) throw notServed(part, state);
    return true;
  }
}

/** Who asks, whether the request is that user's own will, and whether the role may (SEC-12..14). */
export class AccessGuard implements CanActivate {
  constructor(private readonly gatekeeper: Gatekeeper) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<Request>();
    const access = declared<Access>(ACCESS_KEY, context);
    const exemption = Reflect.getMetadata(PROOF_KEY, context.getHandler()) as string | undefined;
    const proof = demandsProof(access, request.method, exemption);
    contextOf(request).principal = await this.gatekeeper.admit(request, access, proof);
    contextOf(request).bySetupToken = access.kind === 'setup-token';
    return true;
  }
}
