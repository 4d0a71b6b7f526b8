/** Made of password-reset-tokens.sql by event-schemas/embed-sql.mjs. */
export const PASSWORD_RESET_TOKENS_SQL = `-- PASSWORD_RESET_TOKENS.db (SEC-10): one-time tokens by their hash.
CREATE TABLE reset_tokens (
  token_hash TEXT NOT NULL PRIMARY KEY CHECK (length(token_hash) = 64),
  user_id TEXT NOT NULL UNIQUE CHECK (length(user_id) BETWEEN 3 AND 64),
  created_at TEXT NOT NULL CHECK (length(created_at) = 24),
  expires_at TEXT NOT NULL CHECK (length(expires_at) = 24 AND expires_at > created_at),
  used_at TEXT CHECK (used_at IS NULL OR length(used_at) = 24)
) STRICT, WITHOUT ROWID;
`;
