import { checkedJournal } from '../../app/ownership/checked-journal.js';
import type { HeldOwnership } from '../../app/ownership/held-ownership.js';
import { answerClaims, endOwnership, ownBot, type OwnBotOptions } from '../../composition/own-bot.js';
import { leaseNotice, ownershipLost } from '../../domain/ownership/owner-errors.js';
import { NOBODY, reduceOwnership, type Owner, type Ownership } from '../../domain/ownership/ownership.js';
import type { RecordedEvent } from '../../events/event.js';
import type { Journal } from '../../ports/journal.js';

/**
 * The ownership of the bot as main sees it (JRN-9): main takes it for its home before it writes anything, its engine takes it from main,
 * and when another home has it, main writes nothing more and ends. Does nothing for a journal in the home.
 */
export class MainOwnership {
  #held: HeldOwnership | undefined;
  #self: Owner | undefined;
  #ownership: Ownership = NOBODY;
  #lost: Error | undefined;
  #lose: (error: Error) => void = () => undefined;
  #answerNoMore: () => void = () => undefined;
  /** Resolves with the error when somebody else owns the bot. */
  readonly lostTo = new Promise<Error>((done) => (this.#lose = done));

  constructor(private readonly notice: (line: string) => void) {}

  /** Why main writes nothing any more; undefined while it may. */
  get lost(): Error | undefined {
    return this.#lost;
  }

  /** Throws OWNED_ELSEWHERE, and what `ownBot` throws. */
  async take(options: Omit<OwnBotOptions, 'actor' | 'onWait'>): Promise<void> {
    const onWait = (ownership: Ownership): void => this.notice(leaseNotice(ownership));
    this.#held = await ownBot({ ...options, actor: 'system:main', onWait });
    this.#self = this.#held?.ownership.owner;
    this.#ownership = this.#held?.ownership ?? NOBODY;
    this.#answerNoMore = answerClaims(this.#held);
  }

  /** The journal as main writes it. */
  guard(journal: Journal): Journal {
    return checkedJournal(journal, () => (this.#lost === undefined ? Promise.resolve() : Promise.reject(this.#lost)));
  }

  /** Every event of the journal. */
  follow(event: RecordedEvent): void {
    const before = this.#ownership;
    this.#ownership = reduceOwnership(before, event);
    if (this.#self === undefined || event.type !== 'OwnershipTaken' || this.#ownership === before) return;
    if (event.data.owner.fingerprint !== this.#self.fingerprint)
      this.lose(ownershipLost(this.#ownership, before.number));
  }

  /** The engine found out, or main did. */
  lose(error: Error): void {
    if (this.#lost !== undefined) return;
    this.#lost = error;
    this.close();
    this.notice(error.message);
    this.#lose(error);
  }

  /** Claims are answered no more. */
  close(): void {
    this.#answerNoMore();
  }

  /** After the engine has ended: the next owner need not wait. */
  end(reason: string): Promise<void> {
    this.close();
    return this.#lost === undefined ? endOwnership(this.#held, reason) : Promise.resolve();
  }
}
