import { coaFaults, type Account } from '../../domain/accounting/coa.js';
import { mappingFaults } from '../../domain/accounting/mapping.js';
import type { EventType, RecordedEvent } from '../../events/event.js';
import type { Journal } from '../../ports/journal.js';
import type { Fault } from './build-check.js';

type Reads = Pick<Journal, 'readAll'>;

/** Events at the tail that are checked before launch; `verify` walks all of them. */
const TAIL_EVENTS = 1_000;

const VERIFY = 'Run `tradebot verify`; restore the last backup when it finds damage.';

/** The last events fit the chain of the journal, whichever chain it keeps (JRN-30). */
export async function tailFaults(journal: Pick<Journal, 'readAll' | 'verify'>): Promise<readonly Fault[]> {
  const before = (await journal.readAll({ direction: 'backwards', limit: TAIL_EVENTS + 1 }))[TAIL_EVENTS];
  const since = before === undefined ? undefined : { position: before.position, hash: before.hash, count: 0 };
  const result = await journal.verify(undefined, since);
  if (result.ok) return [];
  return [{ cause: `position ${result.position}: ${result.message} (${result.code})`, remedy: VERIFY }];
}

export interface ChartPlaces {
  /** Charts in the databases, by the name of the database. */
  readonly kept: readonly { readonly name: string; readonly chart: () => readonly Account[] }[];
}

/**
 * The chart of the journal is complete, its mapping posts to existing accounts, and the databases have the same chart.
 */
export async function chartFaults(journal: Reads, { kept }: ChartPlaces): Promise<readonly Fault[]> {
  const chart = await last(journal, 'CoaChanged');
  const mapping = await last(journal, 'CoaMappingChanged');
  const missing = [
    ...(chart === undefined ? ['chart of accounts'] : []),
    ...(mapping === undefined ? ['mapping of accounts'] : []),
  ];
  if (chart === undefined || mapping === undefined) {
    return missing.map((what) => ({
      cause: `the journal has no ${what}`,
      remedy: 'Finish the set-up: it writes the first one.',
    }));
  }
  const { accounts } = chart.data;
  const remedy = 'Correct it and record it as a new version.';
  const wrong = [...coaFaults(accounts), ...mappingFaults(mapping.data, accounts)].map((cause) => ({ cause, remedy }));
  return [...wrong, ...kept.flatMap((place) => chartDiffers(place, accounts))];
}

function chartDiffers({ name, chart }: ChartPlaces['kept'][number], accounts: readonly Account[]): readonly Fault[] {
  const wanted = new Map(accounts.map((account) => [account.code, textOf(account)]));
  const found = new Map(chart().map((account) => [account.code, textOf(account)]));
  const codes = [...new Set([...wanted.keys(), ...found.keys()])].sort();
  const differ = codes.filter((code) => wanted.get(code) !== found.get(code));
  if (differ.length === 0) return [];
  const shown = differ.slice(0, 5).join(', ');
  return [
    {
      cause: `${name} and the journal have different charts of accounts: ${shown}${differ.length > 5 ? ' ...' : ''}`,
      remedy: `Run \`tradebot rebuild ${name}\` while TradeBot is stopped: it is rebuilt from the journal.`,
    },
  ];
}

const textOf = ({ code, name, type, parent, active }: Account): string =>
  JSON.stringify([code, name, type, parent, active]);

async function last<T extends EventType>(journal: Reads, type: T): Promise<RecordedEvent<T> | undefined> {
  const [event] = await journal.readAll({ direction: 'backwards', limit: 1, filter: { types: [type] } });
  return event as (RecordedEvent & RecordedEvent<T>) | undefined;
}
