import { statSync } from 'node:fs';
import { OnceATurn } from '../../../adapters/clock/once-a-turn.js';
import { openLedger } from '../../../adapters/ledger-reader/open-ledger.js';
import type { OpenWebContext } from '../web-context.js';

/** What an answer is made of. */
export type MadeOf = 'journal' | 'ledger' | 'status file';

type Home = Pick<OpenWebContext, 'journal' | 'paths'>;

/** Versions of what answers are made of: as long as two are equal, so are the answers. */
export class AnswerVersions {
  readonly #now: Readonly<Record<MadeOf, OnceATurn<string | undefined>>> = {
    journal: new OnceATurn(() => this.#look(headOf)),
    ledger: new OnceATurn(() => this.#look(ledgerOf)),
    'status file': new OnceATurn(() => this.#look(statusOf)),
  };

  /** `opened`: undefined before the home has a journal. */
  constructor(private readonly opened: () => Home | undefined) {}

  /** Undefined while there is none, and where it has to be waited for, as for a journal on a server. */
  now(what: MadeOf): string | undefined {
    return this.#now[what].get();
  }

  /**
   * The version that an answer has which is made from now on, or the one before; undefined for one that must not be kept: there is
   * nothing to make it of, or it would be older than its version. Throws DataError LEDGER_UNREADABLE, OUTPUT_LOCKED.
   */
  async toMakeOf(what: MadeOf): Promise<string | undefined> {
    const home = this.opened();
    const version = this.now(what);
    if (home === undefined || (version !== undefined && what !== 'ledger')) return version;
    if (what === 'ledger') return version !== undefined && hasReachedHead(home) ? version : undefined;
    // Its id, as a position can be given to another event after an undo.
    return what === 'journal' ? (await home.journal.readAll({ direction: 'backwards', limit: 1 }))[0]?.id : undefined;
  }

  #look(versionOf: (home: Home) => string | undefined): string | undefined {
    const home = this.opened();
    return home === undefined ? undefined : versionOf(home);
  }
}

function headOf({ journal }: Home): string | undefined {
  return journal.headNow?.()?.hash;
}

/** The ledger follows from the journal alone; one that was made again, or is not there, is looked at. */
function ledgerOf(home: Home): string | undefined {
  const file = statSync(home.paths.output.ledgerDb, { throwIfNoEntry: false });
  const head = headOf(home);
  return file === undefined || head === undefined ? undefined : `${head} ${file.ino}`;
}

/** A file that is replaced as a whole: another inode, time or size. */
function statusOf({ paths }: Home): string | undefined {
  const found = statSync(paths.output.statusJson, { throwIfNoEntry: false, bigint: true });
  return found === undefined ? undefined : `${found.ino} ${found.mtimeNs} ${found.size}`;
}

function hasReachedHead({ journal, paths }: Home): boolean {
  const head = journal.headNow?.();
  const ledger = openLedger(paths.output.ledgerDb);
  try {
    return ledger.reached() === (head?.position ?? null);
  } finally {
    ledger.close();
  }
}
