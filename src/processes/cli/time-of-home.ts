import type { OpenedHome } from '../../adapters/home/home.js';
import { parseUtcText, type Clock } from '../../kernel/time.js';
import type { Journal } from '../../ports/journal.js';
import type { CliContext } from './context.js';

/**
 * The time of a home that nothing runs in: of the machine, but with the simulated broker that of the last event, because its
 * world may be another one, and events of a later time would keep the bot from starting there.
 */
export async function timeOfHome(
  { clock }: Pick<CliContext, 'clock'>,
  { identityParts }: Pick<OpenedHome, 'identityParts'>,
  journal: Pick<Journal, 'readAll'>,
): Promise<Clock> {
  if (identityParts.brokerCode !== 'SIM') return clock;
  const [last] = await journal.readAll({ direction: 'backwards', limit: 1 });
  return last === undefined ? clock : { now: () => parseUtcText(last.recordedAt) };
}
