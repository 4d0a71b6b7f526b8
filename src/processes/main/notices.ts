import { ASKS_AGAIN, blocksSession, checkText } from '../../domain/lifecycle/blocking-checks.js';
import { anotherBotOf, OTHER_BOT_REMEDY } from '../../domain/orders/client-order-ids.js';
import { accountRemedy, isAccountRefusal } from '../../domain/orders/account-refusals.js';
import { HELD_SYMBOL_HALTED } from '../../domain/orders/held-halt.js';
import { isKeyRefusal, KEY_REFUSED, KEY_REFUSED_REMEDY } from '../../domain/risk/key-refused.js';
import type { EventData, RecordedEvent } from '../../events/event.js';

/** Says on the terminal what keeps the bot from trading, each text once until another one is said. */
export class Notices {
  #last: string | undefined;

  constructor(private readonly say: (text: string) => void) {}

  follow(event: RecordedEvent): void {
    // a fault that comes again after it was gone is said again
    if (event.type === 'SelfCheckCompleted' && event.data.ok) this.#checksPass();
    const text = noticeOf(event);
    if (text === undefined || text === this.#last) return;
    this.#last = text;
    this.say(text);
  }

  #checksPass(): void {
    if (this.#last?.startsWith(CHECK_FAILED) === true) this.say('All checks pass again: the bot continues.');
    this.#last = undefined;
  }
}

const CHECK_FAILED = 'A check failed: ';

/** What an event says on the terminal; undefined for most. */
export function noticeOf({ type, data, meta }: RecordedEvent): string | undefined {
  if (type === 'BrokerSuspended' && data.code === KEY_REFUSED) {
    return `The broker refuses the key: ${data.message}. ${KEY_REFUSED_REMEDY}`;
  }
  if (type === 'OrderRejected' && isAccountRefusal(data) && !isKeyRefusal(data.code)) {
    return `The broker refuses orders of this account (${data.code}). ${accountRemedy(data.message)}`;
  }
  if (type === 'ForeignOrderSeen' && data.state !== 'gone') {
    const bot = anotherBotOf(meta.botIdentity, data.clientOrderId);
    return bot === undefined ? undefined : `The bot ${bot} trades in this account too. ${OTHER_BOT_REMEDY}`;
  }
  if (type === 'ErrorRecorded' && data.errorCode === HELD_SYMBOL_HALTED) return `Held and halted: ${data.message}.`;
  if (type === 'SelfCheckCompleted') return checksText(data);
  // Decisions of main were reported by then, also when the journal refused them.
  if (type === 'BotStateChanged' && data.to === 'error' && meta.actor !== 'system:main') {
    return `The bot is in error: ${data.reason}`;
  }
  return undefined;
}

/** The checks with which the bot waits or trades all the same; with any other one it is in error, which says it. */
function checksText({ checks }: EventData<'SelfCheckCompleted'>): string | undefined {
  const failed = checks.filter(({ ok }) => !ok);
  const lines = failed.filter((check) => !blocksSession(check) || check.remedy.endsWith(ASKS_AGAIN)).map(checkText);
  return lines.length === 0 ? undefined : `${CHECK_FAILED}${lines.join(' | ')}`;
}
