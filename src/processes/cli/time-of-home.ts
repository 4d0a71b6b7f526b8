import type { OpenedHome } from '../../adapters/home/home.js';
import { parseUtcText, type Clock } from '../../kernel/time.js';
import type { Journal } from '../../ports/journal.js';
import type { CliContext } from './context.js';

/** Accounts whose world may have another time than the machine. */
const OWN_TIME: readonly string[] = ['simulator', 'emulator'];

/**
 * The time of a home that nothing runs in: of the machine, but with the simulator, or an emulator, that of the last event, because its
 * world may be another one, and events of a later time would keep the bot from starting there.
 */
export async function timeOfHome(
  { clock }: Pick<CliContext, 'clock'>,
  { identityParts }: Pick<OpenedHome, 'identityParts'>,
  journal: Pick<Journal, 'readAll'>,
): Promise<Clock> {
  const [selected] = await journal.readAll({
    direction: 'backwards',
    limit: 1,
    filter: { types: ['BrokerSelected'] },
  });
  const account = selected?.type === 'BrokerSelected' ? selected.data.account : undefined;
  const hasOwnTime = account === undefined ? identityParts.brokerCode === 'SIM' : OWN_TIME.includes(account);
  if (!hasOwnTime) return clock;
  const [last] = await journal.readAll({ direction: 'backwards', limit: 1 });
  return last === undefined ? clock : { now: () => parseUtcText(last.recordedAt) };
}
