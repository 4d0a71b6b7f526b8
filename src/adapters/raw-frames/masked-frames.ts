import { REDACTED, type Secret } from '../../kernel/secret.js';
import type { Sha256Hex } from '../../kernel/hash.js';
import type { RawFrame, RawFrames } from '../../ports/raw-frames.js';

/** Members that name an account or open a stream, whatever their value. */
const MEMBERS =
  /("(?:account|account_id|account_number|accountId|acctNumber|id_account|user_id|sessionid|session_id|access_token|token)"\s*:\s*)(?:"(?:[^"\\]|\\.)*"|\d+)/g;
/** Codes of accounts at Interactive Brokers, whose messages have no names of members. */
const IBKR_ACCOUNT = /(?<![A-Za-z0-9])(?:DU|DF|[UFI])\d{5,9}(?![A-Za-z0-9])/g;
/** A shorter secret would mask figures that have nothing to do with it. */
const SHORTEST = 4;

/**
 * Frames without what opens or names the account (SEC-5). They are masked before they are kept, and the digest is that of the
 * masked text: no file, page or command has more.
 */
export class MaskedFrames implements RawFrames {
  readonly #secrets: readonly RegExp[];

  constructor(
    private readonly inner: RawFrames,
    secrets: readonly (Secret | null)[],
  ) {
    const texts = secrets.map((one) => one?.reveal() ?? '').filter((text) => text.length >= SHORTEST);
    this.#secrets = [...new Set(texts)].map(asWord);
  }

  keep(frame: RawFrame): Sha256Hex {
    let text = frame.text.replace(MEMBERS, `$1"${REDACTED}"`);
    for (const secret of this.#secrets) text = text.replace(secret, REDACTED);
    if (frame.source.startsWith('IBKR')) text = text.replace(IBKR_ACCOUNT, REDACTED);
    return this.inner.keep({ ...frame, text });
  }
}

function asWord(text: string): RegExp {
  const escaped = text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
  return new RegExp(`(?<![A-Za-z0-9])${escaped}(?![A-Za-z0-9])`, 'g');
}
