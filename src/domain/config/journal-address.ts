import { secret, type Secret } from '../../kernel/secret.js';

/** Where the journal of a bot is: `sqlite:` for the file of its home, or the URL of a server without user and password. */
export interface JournalAddress {
  readonly url: string;
  /** What the server is asked with; undefined for a server that asks nobody. */
  readonly credentials?: JournalCredentials;
}

/** User and password of a journal server, not percent-encoded. */
export interface JournalCredentials {
  readonly user: string;
  readonly password: Secret;
}

/** The journal that is a file of the home. */
export const EMBEDDED: JournalAddress = { url: 'sqlite:' };

/** True for the journal that is a file of the home. */
export function isEmbedded({ url }: JournalAddress): boolean {
  return url === EMBEDDED.url;
}

const LOGIN = /^(esdb(?:\+discover)?:\/\/)([^@/?:]+):([^@/?:]+)@(.*)$/;

/**
 * Separates user and password from a JOURNAL_URL, decoded. A text whose login cannot be read stays whole: what opens it
 * says what is wrong.
 */
export function journalAddressOf(text: string): JournalAddress {
  const [, scheme = '', user = '', password = '', rest = ''] = LOGIN.exec(text.trim()) ?? [];
  if (scheme === '') return { url: text.trim() };
  try {
    const credentials = { user: decodeURIComponent(user), password: secret(decodeURIComponent(password)) };
    return { url: `${scheme}${rest}`, credentials };
  } catch {
    return { url: text.trim() };
  }
}

/** Whether a JOURNAL_URL holds no user and password, and may be shown. */
export function hasNoLogin(text: string): boolean {
  return !text.includes('@');
}
