import { covers, isRole, type Role } from '../../domain/access/roles.js';
import { configError } from '../../kernel/errors.js';
import { DAY_MS, MINUTE_MS, parseUtcText, plusMs, toUtcText, type UtcText } from '../../kernel/time.js';
import { refuseHiddenCharacters } from '../../kernel/plain-text.js';
import { Secret } from '../../kernel/secret.js';
import type { Actor, EventData } from '../../events/event.js';
import type { AccessLog } from './access-log.js';
import type { AccessParts } from './access-parts.js';
import { refuseOthersWithoutAuthority } from './authority.js';
import { principalOf, type Principal } from './principal.js';
import { knownUser } from './known-user.js';
import { foldAddress } from '../../domain/access/address.js';
import type { Proofs } from './proofs.js';
import type { Refusals } from './refusals.js';
import { accessTokenHash } from './secret-hashes.js';

/** Marks a token of TradeBot, also for scanners that look for leaked ones. */
const PREFIX = 'tbp_';
const MOST_DAYS = 365;
const MOST_TOKENS = 50;
/** The first use, and the first after so long a pause, is journaled as a login. */
const PAUSE_MS = 60 * MINUTE_MS;

export interface TokenView {
  readonly tokenId: string;
  readonly role: Role;
  readonly label: string;
  readonly createdAt: UtcText;
  readonly expiresAt: UtcText;
  readonly lastUsedAt: UtcText | null;
}

/** Why a token ended before its time. */
export type RevokeReason = NonNullable<EventData<'TokenRevoked'>['reason']>;

export type TokenAuthenticated =
  | { readonly ok: true; readonly principal: Principal }
  | { readonly ok: false; readonly refusal: 'BAD_TOKEN' | 'TOKEN_EXPIRED' };

/** Personal access tokens for scripts (SEC-14): shown once, stored as a hash. */
export class TokenService {
  constructor(
    private readonly parts: AccessParts,
    private readonly log: AccessLog,
    private readonly proofs: Proofs,
    private readonly refusals: Refusals,
  ) {}

  /** Throws TOKEN_TOO_EARLY, TOKEN_ABOVE_ROLE, BAD_TOKEN_LIFE, BAD_TOKEN_LABEL, TOO_MANY_TOKENS. */
  async issue(
    by: Principal,
    ask: { readonly label: string; readonly role: Role; readonly days: number },
  ): Promise<{ readonly token: Secret; readonly view: TokenView }> {
    const { store, random, clock } = this.parts;
    this.#check(by, ask);
    const token = new Secret(`${PREFIX}${random.token().reveal()}`);
    const tokenId = random.id('P');
    const now = clock.now();
    const expiresAt = toUtcText(plusMs(now, ask.days * DAY_MS));
    const view = {
      ...{ tokenId, expiresAt, role: ask.role, label: ask.label.trim() },
      createdAt: toUtcText(now),
      lastUsedAt: null,
    };
    store.atomically(() => {
      const user = knownUser(store, by.userId);
      if (user.disabled || !covers(user.role, ask.role)) throw aboveRole(ask.role, user.role);
      if (store.tokens.of(by.userId).length >= MOST_TOKENS) throw tooMany();
      store.tokens.add({ ...view, userId: by.userId, tokenHash: accessTokenHash(token) });
      const data = { userId: by.userId, tokenId, role: ask.role, expiresAt };
      this.log.note(by.userId, [{ type: 'TokenIssued', data }], { actor: by.actor, grants: tokenId });
    });
    await this.#confirm(by, tokenId);
    return { token, view };
  }

  list(userId: string): readonly TokenView[] {
    return this.parts.store.tokens.of(userId).map(({ tokenId, role, label, createdAt, expiresAt, lastUsedAt }) => ({
      ...{ tokenId, role, label, createdAt, expiresAt, lastUsedAt },
    }));
  }

  /** Throws NO_SUCH_TOKEN, NO_LONGER_ALLOWED. */
  async revoke(by: Principal, userId: string, tokenId: string): Promise<void> {
    const { store } = this.parts;
    store.atomically(() => {
      refuseOthersWithoutAuthority(store, by, userId);
      if (!store.tokens.of(userId).some((token) => token.tokenId === tokenId)) throw noSuchToken(tokenId);
      this.#revoke(userId, tokenId, by.actor, by.userId === userId ? 'by-user' : 'by-admin');
    });
    await this.log.flushIfItCan();
  }

  /** Returns the number of tokens. Throws NO_LONGER_ALLOWED. */
  async revokeAll(by: Principal, userId: string, reason: RevokeReason): Promise<number> {
    const { store } = this.parts;
    const count = store.atomically(() => {
      refuseOthersWithoutAuthority(store, by, userId);
      return this.revokeAllOf(userId, reason, by.actor);
    });
    await this.log.flushIfItCan();
    return count;
  }

  /** Within `store.atomically`. */
  revokeAllOf(userId: string, reason: RevokeReason, actor: Actor): number {
    const tokens = this.parts.store.tokens.everyOf(userId);
    for (const { tokenId } of tokens) this.#revoke(userId, tokenId, actor, reason);
    return tokens.length;
  }

  /** Within `store.atomically`: tokens beyond the new role end; a later promotion does not bring them back. */
  revokeAbove(userId: string, role: Role, actor: Actor): void {
    for (const token of this.parts.store.tokens.everyOf(userId)) {
      if (!covers(role, token.role)) this.#revoke(userId, token.tokenId, actor, 'role-changed');
    }
  }

  /** The principal of a token. Its role is the token's, while the user's role includes it. */
  async authenticate(token: Secret, address: string): Promise<TokenAuthenticated> {
    const { clock, settings, records } = this.parts;
    const shown = await this.proofs.accessToken(token, address);
    if (!shown.ok) return shown;
    const { user, token: found } = shown;
    if (found.lastUsedAt === null || clock.now() - parseUtcText(found.lastUsedAt) >= PAUSE_MS) {
      await this.#recordUse(user.userId, found.tokenId, address);
    }
    const as = { ref: found.tokenId, role: found.role };
    return { ok: true, principal: principalOf('token', user, as, { settings: settings(), records }) };
  }

  /** A token that the journal does not record is worthless: it is not shown, and both are journaled later. */
  async #confirm(by: Principal, tokenId: string): Promise<void> {
    try {
      await this.log.flush();
    } catch (error) {
      this.parts.store.atomically(() => this.#revoke(by.userId, tokenId, by.actor, 'not-recorded'));
      throw error;
    }
  }

  /** What the disk or the journal refuses now is recorded later. */
  async #recordUse(userId: string, tokenId: string, address: string): Promise<void> {
    const { store, clock } = this.parts;
    store.bestEffort(() => {
      const addressId = this.refusals.addressId(foldAddress(address));
      const data = { userId, sessionRef: tokenId, addressId, method: 'token' } as const;
      this.log.note(userId, [{ type: 'LoginSucceeded', data }], { actor: `user:${userId}` });
      store.tokens.used(tokenId, toUtcText(clock.now()));
    });
    await this.log.flushIfItCan();
  }

  #revoke(userId: string, tokenId: string, actor: Actor, reason: RevokeReason): void {
    if (!this.parts.store.tokens.remove(tokenId)) return;
    this.log.note(userId, [{ type: 'TokenRevoked', data: { userId, tokenId, reason } }], { actor });
  }

  #check(by: Principal, ask: { readonly label: string; readonly role: Role; readonly days: number }): void {
    if (by.mustEnrolSecondFactor || by.mustChangePassword) throw tooEarly(by);
    if (!isRole(ask.role) || !covers(by.role, ask.role)) throw aboveRole(ask.role, by.role);
    if (!Number.isInteger(ask.days) || ask.days < 1 || ask.days > MOST_DAYS) {
      throw configError({
        code: 'BAD_TOKEN_LIFE',
        message: `a token cannot be valid for ${ask.days} days`,
        remedy: `Enter a whole number of days from 1 to ${MOST_DAYS}.`,
      });
    }
    refuseHiddenCharacters(ask.label.trim(), 'label');
    const length = ask.label.trim().length;
    if (length < 1 || length > 80) {
      throw configError({
        code: 'BAD_TOKEN_LABEL',
        message: `the label of a token has ${length} characters`,
        remedy: 'Describe its purpose in 1 to 80 characters.',
      });
    }
  }
}

function tooEarly({ mustChangePassword }: Principal): Error {
  return configError({
    code: 'TOKEN_TOO_EARLY',
    message: 'a token would have rights that its user does not have yet',
    remedy: mustChangePassword ? 'Choose a password of your own first.' : 'Turn a second factor on first.',
  });
}

function aboveRole(asked: string, own: Role): Error {
  return configError({
    code: 'TOKEN_ABOVE_ROLE',
    message: `a token with the role ${asked.slice(0, 20)} is above a user with the role ${own}`,
    remedy: 'Choose a role that your own role includes.',
  });
}

function noSuchToken(tokenId: string): Error {
  return configError({
    code: 'NO_SUCH_TOKEN',
    message: `this user has no token ${tokenId.slice(0, 64)}`,
    remedy: 'Take the id from the list of tokens.',
  });
}

function tooMany(): Error {
  return configError({
    code: 'TOO_MANY_TOKENS',
    message: `there are already ${MOST_TOKENS} tokens`,
    remedy: 'Revoke one that is no longer used.',
  });
}
