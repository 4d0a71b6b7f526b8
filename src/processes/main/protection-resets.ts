import type { CommandOutcome } from '../../app/live/commands.js';
import type { ResetRequest } from '../../domain/risk/protections.js';
import type { Actor } from '../../events/event.js';
import type { Answer } from '../ipc/messages.js';
import { plainErrorOf } from '../ipc/plain-error.js';
import type { MainHome } from './main-home.js';
import type { MainOptions } from './main-options.js';

/** Resets of kill switch and defense mode, for the pages and by flags (TRD-41, TRD-42). */
export class ProtectionResets {
  constructor(
    private readonly home: Pick<MainHome, 'reset'>,
    private readonly log: MainOptions['logs']['main'],
  ) {}

  /** The answer says what the reset does, or why it is refused. */
  async asked(request: ResetRequest, actor: Actor): Promise<Answer<string>> {
    try {
      const effect = await this.home.reset(request, actor);
      this.log.info('a protection was reset', { what: request.what, actor });
      return { ok: true, value: effect };
    } catch (error) {
      return { ok: false, error: plainErrorOf(error) };
    }
  }

  /** A flag that lay there before main started is refused: the protection may have tripped again since. */
  async byFlag(request: ResetRequest, actor: Actor, isOld: boolean): Promise<CommandOutcome> {
    if (isOld) return { outcome: 'refused', reason: 'it was set before this start of TradeBot' };
    const answer = await this.asked(request, actor);
    if (answer.ok) return { outcome: 'obeyed', reason: answer.value };
    return { outcome: 'refused', reason: `${answer.error.message}. ${answer.error.remedy}` };
  }
}
