import type { StreamDecision } from '../../app/streams/acknowledge.js';
import type { Actor } from '../../events/event.js';
import type { Answer } from '../ipc/messages.js';
import { plainErrorOf } from '../ipc/plain-error.js';
import type { MainHome } from './main-home.js';
import type { MainOptions } from './main-options.js';

/** What a person decides about streams that others reached, for the pages and the commands of the owner (JRN-8). */
export class StreamDecisions {
  constructor(
    private readonly home: Pick<MainHome, 'acknowledgeStream'>,
    private readonly log: MainOptions['logs']['main'],
  ) {}

  /** The answer says what was acknowledged, or why nothing was. */
  async acknowledge(decision: StreamDecision, actor: Actor): Promise<Answer<string>> {
    try {
      const { message } = await this.home.acknowledgeStream(decision, actor);
      this.log.info('events of another program were acknowledged', { stream: decision.stream, actor });
      return { ok: true, value: `Acknowledged: ${message}.` };
    } catch (error) {
      return { ok: false, error: plainErrorOf(error) };
    }
  }
}
