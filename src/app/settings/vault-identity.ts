import { configError } from '../../kernel/errors.js';
import { composeBotIdentity, type BotIdentity, type BotIdentityParts } from '../../kernel/identity.js';
import type { SecretFileName, SecretRecord, Vault } from '../../ports/vault.js';

const FIELDS = {
  entityCode: 'ENTITY_CODE',
  jurisdictionCode: 'JURISDICTION_CODE',
  brokerCode: 'BROKER_CODE',
  botId: 'BOT_ID',
} as const satisfies Readonly<Record<keyof BotIdentityParts, string>>;

/** The secret file `bot_identity` of a bot. */
export function identityRecord(parts: BotIdentityParts): Readonly<Record<string, string>> {
  return Object.fromEntries(
    (Object.keys(FIELDS) as (keyof BotIdentityParts)[]).map((part) => [FIELDS[part], parts[part]]),
  );
}

/**
 * Refuses a home whose marker names another bot than the encrypted file `bot_identity`, which is the truth: names of
 * folders and files follow from it. Throws ConfigError IDENTITY_DIFFERS, and what the vault throws when it cannot be read.
 */
export function refuseOtherIdentity(
  vault: Pick<Vault, 'secret'>,
  home: { identity: BotIdentity; marker: string },
): void {
  const record = vault.secret('bot_identity' satisfies SecretFileName);
  const inVault = identityOf(record);
  if (inVault === home.identity) return;
  throw configError({
    code: 'IDENTITY_DIFFERS',
    message: `${home.marker} names the bot ${home.identity}, the encrypted bot_identity names ${inVault ?? 'none'}`,
    remedy: `Restore the one that was changed from a backup of this home: ${home.marker}, or storage/vault. Nothing was changed.`,
  });
}

/** Undefined when a part is missing or no code. */
function identityOf(record: SecretRecord): BotIdentity | undefined {
  const part = (name: keyof BotIdentityParts): string => record[FIELDS[name]]?.reveal() ?? '';
  const parts: BotIdentityParts = {
    entityCode: part('entityCode'),
    jurisdictionCode: part('jurisdictionCode'),
    brokerCode: part('brokerCode'),
    botId: part('botId'),
  };
  return Object.values(parts).every((code: string) => /^[A-Z0-9]{1,12}$/.test(code))
    ? composeBotIdentity(parts)
    : undefined;
}
