import type { TradeBotError } from '../../../kernel/errors.js';

/** Codes that mean something to HTTP; everything else follows from what the caller must do. */
const BY_CODE: Readonly<Record<string, number>> = {
  WRONG_PASSWORD: 403,
  FRESH_PROOF_NEEDED: 403,
  NO_LONGER_ALLOWED: 403,
  OWN_ACCOUNT: 403,
  BAD_SECOND_FACTOR: 403,
  SECOND_FACTOR_NEEDED: 403,
  SESSION_ENDED: 401,
  TOKEN_ABOVE_ROLE: 403,
  TOKEN_TOO_EARLY: 403,
  NO_SESSION: 404,
  NO_SUCH_USER: 404,
  NO_SUCH_SESSION: 404,
  NO_SUCH_TOKEN: 404,
  ALREADY_PROVISIONED: 409,
  BAD_RESET_TOKEN: 422,
  BAD_RANGE: 422,
  BOOK_TASKS_BUSY: 429,
  BOT_STATE_TRANSITION: 409,
  CLOSING_UNDER_WAY: 409,
  EMAIL_TAKEN: 409,
  LAST_ADMIN: 409,
  MAIL_NOT_CONFIGURED: 409,
  FOREIGN_EVENTS_CHANGED: 409,
  JOURNAL_NOT_SHARED: 409,
  NOTHING_TO_ACKNOWLEDGE: 409,
  NOTHING_TO_RESET: 409,
  NOT_A_DATE: 422,
  NOT_SET_UP: 409,
  NO_ENROLMENT: 409,
  REGISTRATION_OVER: 409,
  SECOND_FACTOR_OFF: 409,
  SECOND_FACTOR_ON: 409,
  SECRET_LOCKED: 409,
  SETTINGS_END_TRADING: 409,
  TOO_MANY_TOKENS: 409,
  TEXT_NOT_PLAIN: 422,
  UNIVERSE_BUILDING: 409,
  UNIVERSE_WITHOUT_PROVIDER: 409,
  USER_NAME_TAKEN: 409,
  WRONG_EXPECTED_REVISION: 409,
  FLAG_NOT_WRITABLE: 503,
  INTERNAL: 500,
  ACCESS_NOT_JOURNALED: 503,
  JOURNAL_BUSY: 503,
  PASSWORDS_BUSY: 503,
  STOPPING: 503,
  USERS_DB_BUSY: 503,
  USERS_DB_DAMAGED: 503,
  USERS_DB_MISSING: 503,
  USERS_DB_SCHEMA: 503,
  USERS_DB_UNUSABLE: 503,
  USERS_LOST: 503,
  VAULT_LOCKED: 503,
  VAULT_MISSING: 503,
  VAULT_NOT_WRITTEN: 503,
  VAULT_UNREADABLE: 503,
  VAULT_WRONG_KEY: 503,
  MASTER_KEY_NEEDED: 503,
};

/** Of a refusal: what came over from another process says no more than its kind. */
const BY_KIND: Readonly<Record<TradeBotError['kind'], number>> = {
  ConfigError: 422,
  DataError: 422,
  LogicError: 409,
  JournalError: 503,
  NetworkError: 503,
  BrokerError: 503,
};

/** The member of a body that a refusal is about, for forms. */
const FIELDS: Readonly<Record<string, string>> = {
  AMOUNT_TOO_LARGE: 'amount',
  BAD_AMOUNT: 'amount',
  BAD_EMAIL: 'email',
  BAD_SECOND_FACTOR: 'code',
  BAD_TOKEN_LABEL: 'label',
  BAD_TOKEN_LIFE: 'days',
  BAD_USER_NAME: 'name',
  MIXED_USER_NAME: 'name',
  EMAIL_TAKEN: 'email',
  FLOAT_TOO_SMALL: 'amount',
  NOT_CONFIRMED: 'confirm',
  PASSWORD_TOO_COMMON: 'password',
  PASSWORD_TOO_LONG: 'password',
  PASSWORD_TOO_SHORT: 'password',
  PASSWORD_UNUSABLE: 'password',
  REASON_MISSING: 'reason',
  TOKEN_ABOVE_ROLE: 'role',
  USER_NAME_TAKEN: 'name',
  WRONG_PASSWORD: 'current',
};

/** Status of HTTP for an error of the program. */
export function statusOf(error: Pick<TradeBotError, 'code' | 'kind' | 'callerMust'>): number {
  const known = BY_CODE[error.code];
  if (known !== undefined) return known;
  switch (error.callerMust) {
    case 'retry':
    case 'reconcile':
      return 503;
    case 'refuse':
      return BY_KIND[error.kind];
    case 'stop':
      return 500;
  }
}

/** Whether the text of an error was written for callers of the pages: any other may name files and figures of the machine. */
export function isForCallers({ code }: Pick<TradeBotError, 'code'>): boolean {
  return code in BY_CODE || code in FIELDS;
}

/** The field of a form that a refusal is about; undefined when it is about no single one. */
export function fieldOf({ code, details }: Pick<TradeBotError, 'code' | 'details'>): string | undefined {
  const { field } = details;
  return typeof field === 'string' ? field : FIELDS[code];
}

/** Seconds until another attempt makes sense, when the error has them. */
export function retryAfterOf(error: Pick<TradeBotError, 'details'>): number | undefined {
  const seconds = error.details['retryAfterSeconds'];
  return typeof seconds === 'number' ? seconds : undefined;
}
