import type { Actor, RecordedEvent } from '../../events/event.js';
import { STREAMS } from '../../events/streams.js';
import {
  PROTECTIONS,
  resetDraft,
  resetEffect,
  type Protection,
  type ProtectionOn,
  type ProtectionsNow,
  type ResetRequest,
} from '../../domain/risk/protections.js';
import { botCopyText } from '../../domain/risk/bot-copy.js';
import { clockFaultText } from '../../domain/risk/clock-fault.js';
import { isAtRest } from '../../domain/lifecycle/bot-state.js';
import type { Journal } from '../../ports/journal.js';
import type { EventAppender } from '../journal/event-appender.js';

/** Events of the `risk` stream read at a time, newest first. */
const PAGE = 200;

/** Kill switch and defense mode as the journal has them: for the processes that do not fold it (main, web, commands). */
export class ProtectionsJournal {
  constructor(private readonly journal: Pick<Journal, 'readAll' | 'readStream'>) {}

  /** What is on, and whether the bot is still closing. */
  async now(): Promise<ProtectionsNow> {
    const last = await this.#lastOfEach();
    const [moved] = await this.journal.readAll({
      direction: 'backwards',
      limit: 1,
      filter: { types: ['BotStateChanged'] },
    });
    const botState = moved?.type === 'BotStateChanged' ? moved.data.to : 'initialize';
    const on: Partial<Record<Protection, ProtectionOn>> = {};
    for (const [what, event] of last) {
      const since = onSince(event);
      if (since !== undefined) on[what] = since;
    }
    const tripped = last.get('kill-switch');
    const isNewer = tripped !== undefined && (moved === undefined || moved.position < tripped.position);
    return { botState, on, closingIsDue: on['kill-switch'] !== undefined && isNewer && !isAtRest(botState) };
  }

  /**
   * Records the reset; of two at once one is recorded, and the other finds nothing to reset. Resolves to what it does.
   * Throws REASON_MISSING, NOTHING_TO_RESET, CLOSING_UNDER_WAY, and what the journal throws.
   */
  async reset(appender: Pick<EventAppender, 'decide'>, request: ResetRequest, actor: Actor): Promise<string> {
    let effect = '';
    await appender.decide(
      STREAMS.risk,
      async () => {
        const now = await this.now();
        effect = resetEffect(request.what, now.botState);
        return [resetDraft(now, request)];
      },
      actor,
    );
    return effect;
  }

  /** The last event that turned each protection on or off; the stream has few events and is read until both are found. */
  async #lastOfEach(): Promise<ReadonlyMap<Protection, RecordedEvent>> {
    const found = new Map<Protection, RecordedEvent>();
    for (let before: number | undefined; found.size < PROTECTIONS.length;) {
      const page = await this.journal.readStream(STREAMS.risk, {
        direction: 'backwards',
        limit: PAGE,
        ...(before === undefined ? {} : { from: before }),
      });
      for (const event of page) {
        const what = protectionOf(event);
        if (what !== undefined && !found.has(what)) found.set(what, event);
      }
      const oldest = page.at(-1);
      if (oldest === undefined || page.length < PAGE || oldest.revision === 0) break;
      before = oldest.revision - 1;
    }
    return found;
  }
}

function protectionOf({ type }: RecordedEvent): Protection | undefined {
  if (type === 'KillSwitchTripped' || type === 'KillSwitchReset') return 'kill-switch';
  if (type === 'BotCopyFound' || type === 'BotCopyAcknowledged') return 'bot-copy';
  if (type === 'ClockFaultDetected' || type === 'ClockFaultCleared') return 'clock';
  return type === 'DefenseModeEntered' || type === 'DefenseModeReset' ? 'defense-mode' : undefined;
}

function onSince(event: RecordedEvent): ProtectionOn | undefined {
  if (event.type === 'KillSwitchTripped') return { since: event.occurredAt, cause: event.data.code };
  if (event.type === 'BotCopyFound') return { since: event.occurredAt, cause: botCopyText(event.data) };
  if (event.type === 'ClockFaultDetected') return { since: event.occurredAt, cause: clockFaultText(event.data) };
  return event.type === 'DefenseModeEntered' ? { since: event.occurredAt, cause: event.data.reason } : undefined;
}
