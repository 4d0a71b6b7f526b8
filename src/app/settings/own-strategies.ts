import { canonicalJson } from '../../kernel/canonical-json.js';
import type { OwnStrategyInfo } from '../../domain/config/own-settings.js';
import type { HomeFacts } from '../../domain/config/save-rules.js';
import type { OwnKey } from '../../domain/config/own-names.js';
import type { Draft } from '../../events/draft.js';
import type { EventData } from '../../events/event.js';
import { STREAMS } from '../../events/streams.js';
import type { Journal } from '../../ports/journal.js';

type Found = EventData<'OwnStrategiesFound'>;

/** The event that says which own strategies there are now; none when the journal says so already. */
export function foundDrafts(recorded: Found, found: Found): readonly Draft[] {
  if (canonicalJson(recorded) === canonicalJson(found)) return [];
  return [{ type: 'OwnStrategiesFound', data: found, correlationId: 'own-strategies', causationId: null }];
}

/** What the journal says of a home that its settings may name: to check what a person saves. */
export async function homeFacts(journal: Pick<Journal, 'readStream'>): Promise<HomeFacts> {
  const [list] = await journal.readStream(STREAMS.inverseEtfs, { direction: 'backwards', limit: 1 });
  const inverseEtfs = list?.type === 'InverseEtfsChanged' && list.data.entries.length > 0;
  return { own: await recordedOwnStrategies(journal), inverseEtfs };
}

/** The own strategies as the journal has them, for the settings page. */
export async function recordedOwnStrategies(journal: Pick<Journal, 'readStream'>): Promise<readonly OwnStrategyInfo[]> {
  const [last] = await journal.readStream(STREAMS.ownStrategies, { direction: 'backwards', limit: 1 });
  if (last?.type !== 'OwnStrategiesFound') return [];
  return last.data.strategies.map(({ name, description, settings }) => ({
    name,
    description,
    settings: settings.map((setting) => ({ ...setting, key: setting.key as OwnKey })),
  }));
}
