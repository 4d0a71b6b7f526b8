import { valueIn, withValue } from '../../domain/config/env-bot.js';
import { EMBEDDED, journalAddressOf } from '../../domain/config/journal-address.js';
import { secret, type Secret } from '../../kernel/secret.js';
import { JOURNAL_LOGIN } from '../../ports/vault.js';
import type { VaultContent } from './generation.js';

/** The JOURNAL_URL in the text of `.env_bot`, whatever is wrong with its other lines. */
export function journalUrlIn(envBot: Secret): string {
  return valueIn(envBot.reveal(), 'JOURNAL_URL') ?? EMBEDDED.url;
}

/** Whether settings hold user and password of the journal server. */
export function hasLogin(envBot: Secret): boolean {
  return journalAddressOf(journalUrlIn(envBot)).credentials !== undefined;
}

/**
 * The content with user and password of the journal server in the secret that is theirs: no generation is written whose
 * settings hold them.
 */
export function withoutLoginInSettings(content: VaultContent): VaultContent {
  const { url, credentials } = journalAddressOf(journalUrlIn(content.envBot));
  if (credentials === undefined) return content;
  return {
    ...content,
    envBot: secret(withValue(content.envBot.reveal(), 'JOURNAL_URL', url)),
    secrets: {
      ...content.secrets,
      journal_server: {
        [JOURNAL_LOGIN.user]: secret(credentials.user),
        [JOURNAL_LOGIN.password]: credentials.password,
      },
    },
  };
}
