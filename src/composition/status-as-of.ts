import { statusDefinition } from '../../projections/status/status.js';
import { SqliteSnapshots } from '../adapters/snapshots/sqlite-snapshots.js';
import { asOf, type AsOfView, type Moment } from '../app/as-of/as-of.js';
import { bookCodesOf } from '../domain/accounting/book-codes.js';
import { STRATEGY_NAMES } from '../domain/config/configured-strategies.js';
import type { HomePaths } from '../domain/home/home-paths.js';
import type { BotIdentity, BotIdentityParts } from '../kernel/identity.js';
import type { Journal } from '../ports/journal.js';
import { homeProjections } from './home-projections.js';
import { statementSource } from './statement-source.js';

/** The home whose past is asked for. */
interface PastOf {
  readonly paths: HomePaths;
  readonly identity: BotIdentity;
  readonly identityParts: BotIdentityParts;
  readonly journal: Pick<Journal, 'head' | 'readAll'>;
}

/** The books and the status of a home at a past moment (JRN-31). Throws for a position beyond the head. */
export async function statusAsOf({ journal, ...home }: PastOf, moment: Moment): Promise<AsOfView> {
  const { paths, identity, identityParts } = home;
  const codes = bookCodesOf(identityParts);
  const statement = statementSource({ ...home, codes });
  const all = homeProjections({ paths, identity, identityParts, codes, statement });
  const status = statusDefinition(paths, { codes, lotMethod: 'FIFO', strategies: STRATEGY_NAMES });
  const snapshots = new SqliteSnapshots({ path: paths.storage.snapshotsDb, fold: `status/${status.version}` });
  try {
    const others = all.map(({ name }) => name).filter((name) => name !== status.name);
    return await asOf({ journal, status, others, snapshots }, moment);
  } finally {
    snapshots.close();
  }
}
