import type { Request } from 'express';
import type { AccessService } from '../../../app/access/access.js';
import type { Principal } from '../../../app/access/principal.js';
import { TradeBotError } from '../../../kernel/errors.js';
import { Problem } from './problem.js';
import { contextOf } from './request-context.js';

type Proving = Pick<AccessService, 'denied'> & { readonly proofs: Pick<AccessService['proofs'], 'require'> };

/**
 * For a request whose content decides whether it needs a fresh proof; that of a whole endpoint is asked by the gatekeeper.
 * Throws SESSION_NEEDED for a personal access token, FRESH_PROOF_NEEDED.
 */
export async function requireFreshProof(request: Request, by: Principal, access: Proving): Promise<void> {
  if (by.kind !== 'token') {
    access.proofs.require(by);
    return;
  }
  const refusal = sessionNeeded();
  await recordDenial(request, by, access, refusal.facts.code);
  throw refusal;
}

/** The refusal of a personal access token, which never has a fresh proof. */
export function sessionNeeded(): Problem {
  return new Problem({
    status: 403,
    code: 'SESSION_NEEDED',
    detail: 'A personal access token cannot do this: it needs a fresh proof of the password.',
    remedy: 'Log in as a person and do it on the pages.',
  });
}

/** For the journal; in what the service bounds. */
export async function recordDenial(
  request: Request,
  principal: Principal | null,
  access: Pick<AccessService, 'denied'>,
  code: string,
): Promise<void> {
  const { address, route } = contextOf(request);
  await access.denied(principal, { address, endpoint: `${request.method} ${route ?? 'unknown'}`, code });
}

/** Waits for what a user asked for, and records its refusal with this code as a denial: the role does not allow it. */
export async function recordingDenial<T>(
  request: Request,
  by: Principal,
  access: Pick<AccessService, 'denied'>,
  { code, work }: { readonly code: string; readonly work: Promise<T> },
): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof TradeBotError && error.code === code) await recordDenial(request, by, access, code);
    throw error;
  }
}
