import { tradingSecretFaults, type SecretFault, type TradingSecrets } from '../../domain/config/feed-account.js';
import type { SettingFault, Settings } from '../../domain/config/settings.js';
import type { Journal } from '../../ports/journal.js';
import type { SecretFileName, SecretRecord, Vault } from '../../ports/vault.js';

/** Secrets of broker and market data in plain text: in memory only, to be checked or used. Throws what the vault throws. */
export function tradingSecrets(
  vault: Pick<Vault, 'secret'>,
  over: Readonly<Partial<Record<SecretFileName, SecretRecord>>> = {},
): TradingSecrets {
  const textsOf = (name: keyof TradingSecrets): Readonly<Record<string, string>> => {
    const record = over[name] ?? vault.secret(name);
    return Object.fromEntries(Object.entries(record).map(([field, value]) => [field, value.reveal()]));
  };
  return { broker_credentials: textsOf('broker_credentials'), screener_api: textsOf('screener_api') };
}

/** The settings that decide which secrets are needed. */
export type TradingChoice = Pick<Settings, 'BROKER_NAME' | 'MARKET_DATA'>;

/** What the secrets lack for the broker and the feed of these settings. */
export function secretFaultsOf(choice: TradingChoice, secrets: TradingSecrets): readonly SecretFault[] {
  return tradingSecretFaults(choice.BROKER_NAME, choice.MARKET_DATA, secrets);
}

/** The faults as those of the settings that need the secrets: a person who saves settings sees them there. */
export function asSettingFaults(faults: readonly SecretFault[]): readonly SettingFault[] {
  return faults.map(({ file, field, problem }) => ({
    key: file === 'broker_credentials' ? 'BROKER_NAME' : 'MARKET_DATA',
    problem: `needs the secret ${file}: ${field} ${problem}; save the secret first`,
  }));
}

/** The broker whose account the books are of; undefined until their opening balances are recorded. */
export async function brokerOfBooks(journal: Pick<Journal, 'readAll'>): Promise<string | undefined> {
  const types = ['SessionOpened'] as const;
  const [last] = await journal.readAll({ direction: 'backwards', limit: 1, filter: { types } });
  return last?.type === 'SessionOpened' ? last.data.broker : undefined;
}

/** Books are of one account: another broker would be compared with figures that are not its own. */
export function otherBrokerFault(choice: TradingChoice, booksOf: string | undefined): readonly SettingFault[] {
  if (booksOf === undefined || booksOf === choice.BROKER_NAME) return [];
  const problem = `must stay ${booksOf}: the books of this bot are those of its account there; set up another bot for ${choice.BROKER_NAME}`;
  return [{ key: 'BROKER_NAME', problem }];
}
