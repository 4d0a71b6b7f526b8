import type { AccessSettings } from '../../domain/access/access-settings.js';
import type { Clock } from '../../kernel/time.js';
import type {
  AddressThrottle,
  Mailer,
  OneTimeCodes,
  Passwords,
  RandomSource,
  SecondFactorSecrets,
} from '../../ports/access.js';
import type { Journal } from '../../ports/journal.js';
import type { ResetTokenStore, UserStore } from '../../ports/users.js';
import type { Secret } from '../../kernel/secret.js';
import type { UserRecords } from './user-records.js';
import type { EventAppender } from '../journal/event-appender.js';

/** The dependencies of users, sessions and tokens. */
export interface AccessParts {
  readonly store: UserStore;
  readonly resetTokens: ResetTokenStore;
  readonly passwords: Passwords;
  readonly codes: OneTimeCodes;
  readonly secondFactors: SecondFactorSecrets;
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
