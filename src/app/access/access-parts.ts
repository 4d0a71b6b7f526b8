import type { AccessSettings } from '../../domain/access/access-settings.js';
import type { Clock } from '../../kernel/time.js';
import type {
  AddressThrottle,
  CodeMatching,
  CodeSecrets,
  Mailer,
  PasswordHashing,
  PasswordMatching,
  RandomSource,
  SecondFactorSecrets,
} from '../../ports/access.js';
import type { Journal } from '../../ports/journal.js';
import type { ResetTokenStore, TokenTable, UserStore, UserTable } from '../../ports/users.js';
import type { Secret } from '../../kernel/secret.js';
import type { UserRecords } from './user-records.js';
import type { EventAppender } from '../journal/event-appender.js';

/** The users' database without the functions that check a secret. */
export type AccessStore = Omit<UserStore, 'users' | 'tokens'> & {
  readonly users: Omit<UserTable, 'useCodeStep' | 'useRecoveryCode'>;
  readonly tokens: Omit<TokenTable, 'byHash'>;
};

/** Every function that checks a secret: for `Proofs` alone. */
export interface SecretChecks {
  readonly passwords: PasswordMatching;
  readonly codes: CodeMatching;
  readonly secondFactors: Pick<SecondFactorSecrets, 'get'>;
  readonly resetTokens: Pick<ResetTokenStore, 'ownerOf' | 'use'>;
  readonly tokens: Pick<TokenTable, 'byHash'>;
  readonly users: Pick<UserTable, 'useCodeStep' | 'useRecoveryCode'>;
}

/** What users, sessions and tokens are made of. */
export type AccessServiceParts = Omit<
  AccessParts,
  'store' | 'resetTokens' | 'passwords' | 'codes' | 'secondFactors'
> & {
  readonly store: UserStore;
  readonly resetTokens: ResetTokenStore;
  readonly passwords: PasswordHashing & PasswordMatching;
  readonly codes: CodeSecrets & CodeMatching;
  readonly secondFactors: SecondFactorSecrets;
};

/** The dependencies of users, sessions and tokens, without the checks of secrets. */
export interface AccessParts {
  readonly store: AccessStore;
  readonly resetTokens: Pick<ResetTokenStore, 'put'>;
  readonly passwords: PasswordHashing;
  readonly codes: CodeSecrets;
  readonly secondFactors: Pick<SecondFactorSecrets, 'set'>;
  readonly throttle: AddressThrottle;
  readonly mailer: Mailer;
  readonly random: RandomSource;
  readonly appender: Pick<EventAppender, 'append'>;
  readonly journal: Pick<Journal, 'readAll'>;
  /** Users by their events, read to the journal's end before the first use. */
  readonly records: UserRecords;
  readonly clock: Clock;
  /** The time as people have it, also where the bot's clock is a scaled one. */
  readonly personalClock: Clock;
  /** Read at each use. */
  readonly settings: () => AccessSettings;
  /** The address of the password reset page, with the token behind `#`: a fragment reaches no server's log (P10). */
  readonly resetLink: (token: Secret) => Secret;
  /** Called when a mail was not sent; the requester gets no notice. */
  readonly onMailFault: (error: unknown) => void;
}
