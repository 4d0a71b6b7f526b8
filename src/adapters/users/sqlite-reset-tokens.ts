import { DAY_MS, MINUTE_MS, parseUtcText, plusMs, toUtcText, type UtcText } from '../../kernel/time.js';
import type { ResetTokenStore } from '../../ports/users.js';
import { PASSWORD_RESET_TOKENS_SQL } from './password-reset-tokens-sql.js';
import { StateDatabase } from './state-database.js';

/** Retention of used and expired tokens, for investigations. Days. */
const KEPT_DAYS = 7;

/** A token that was made in the future is one of a clock that was ahead. */
const USABLE = 'token_hash = ? AND used_at IS NULL AND expires_at > ? AND created_at <= ?';

function latestOf(now: UtcText): UtcText {
  return toUtcText(plusMs(parseUtcText(now), MINUTE_MS));
}

function optionsOf(path: string) {
  return { path, schemaSql: PASSWORD_RESET_TOKENS_SQL, title: 'the database of password reset tokens' };
}

/** PASSWORD_RESET_TOKENS.db: opened, or created when missing. */
export class SqliteResetTokens implements ResetTokenStore {
  readonly #base: StateDatabase;

  constructor(path: string) {
    this.#base = new StateDatabase(optionsOf(path));
  }

  put(token: { readonly tokenHash: string; readonly userId: string; readonly expiresAt: UtcText }, now: UtcText): void {
    const { tokenHash, userId, expiresAt } = token;
    const longOver = toUtcText(plusMs(parseUtcText(now), -KEPT_DAYS * DAY_MS));
    this.#base.atomically(() => {
      this.#base.run('DELETE FROM reset_tokens WHERE user_id = ? OR expires_at <= ?', userId, longOver);
      this.#base.run('INSERT INTO reset_tokens VALUES (?, ?, ?, ?, NULL)', tokenHash, userId, now, expiresAt);
    });
  }

  ownerOf(tokenHash: string, now: UtcText): string | undefined {
    const sql = `SELECT user_id FROM reset_tokens WHERE ${USABLE}`;
    return this.#base.get<{ readonly user_id: string }>(sql, tokenHash, now, latestOf(now))?.user_id;
  }

  use(tokenHash: string, now: UtcText): boolean {
    const sql = `UPDATE reset_tokens SET used_at = ? WHERE ${USABLE}`;
    return this.#base.run(sql, now, tokenHash, now, latestOf(now)) === 1;
  }

  close(): void {
    this.#base.close();
  }
}
