import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import { FileProjectionTargets } from '../../adapters/projection-targets/file-targets.js';
import { FileVault } from '../../adapters/vault/file-vault.js';
import { STREAMS } from '../../events/streams.js';
import { Projector } from '../../app/projector/projector.js';
import { recordEvidence } from '../../app/health/record-evidence.js';
import { EventAppender } from '../../app/journal/event-appender.js';
import { homePaths } from '../../domain/home/home-paths.js';
import { configError, TradeBotError } from '../../kernel/errors.js';
import { isJournalOutage } from '../../ports/journal.js';
import { composeBotIdentity } from '../../kernel/identity.js';
import { bookCodesOf } from '../../domain/accounting/book-codes.js';
import { homeJournalAddress } from '../../composition/home-journal-address.js';
import { homeProjections } from '../../composition/home-projections.js';
import { chainVerifier, openHomeJournal } from '../../composition/open-home-journal.js';
import { statementSource } from '../../composition/statement-source.js';
import type { Child, ChildBody } from '../ipc/child.js';
import type { ChildInit } from '../ipc/messages.js';
import { ProjectorWorker } from './projector-work.js';
import { ProjectorLoop, type ProjectorTrouble } from './projector-loop.js';
import { errorRecorded } from '../../events/error-recorded.js';

/** Events between two turns of the event loop: heartbeats continue while a long journal is read. */
const PAGE = 500;

/** Opens the journal and follows it with every projection of the home, until it is stopped. */
export async function startProjector(child: Child): Promise<ChildBody> {
  const { init } = child;
  const identityParts = partsOf(init);
  const identity = composeBotIdentity(identityParts);
  const paths = homePaths(init.home, identity);
  const codes = bookCodesOf(identityParts);
  const clock = child.clock;
  const { masterKeyFile } = init;
  const address = homeJournalAddress({ storage: paths.storage, clock, masterKeyFile });
  const journal = await openHomeJournal({ paths, identity, clock, address });
  const chain = chainVerifier(paths, journal);
  const appender = new EventAppender({ journal, clock, identity, actor: 'system:projector' });
  const masterKey = { file: () => init.masterKeyFile, clock };
  await wrapSealKey(new FileVault({ paths: paths.storage, clock, masterKeyFile }), appender);
  const loop = new ProjectorLoop({
    journal,
    open: () => {
      const targets = new FileProjectionTargets({ home: paths.home, projectionsDb: paths.storage.projectionsDb });
      const ledgerFile = (): string => targets.fileNow(paths.output.ledgerDb);
      const statement = statementSource({ paths, identity, identityParts, codes, ledgerFile });
      return new Projector({
        journal,
        projections: homeProjections({ paths, identity, identityParts, codes, statement, masterKey }),
        targets,
        pageSize: PAGE,
        breathe: () => turnOfTheLoop(),
        verifyJournal: () => chain.verifyWhole(),
      });
    },
    onTrouble: (trouble) => report(appender, troubleFacts(trouble)),
    onEvidence: (differences) => noteEvidence({ journal, appender }, differences),
  });
  const work = new ProjectorWorker({ projector: () => loop.projector, appender });
  child.onWork((asked) => work.do(asked));
  const running = follow(child, loop);
  return {
    stop: async () => {
      await work.stop();
      loop.stop();
      await running;
      await journal.close();
    },
    figures: () => ({ ...loop.figures(), ...work.figures() }),
  };
}

/** Damage of the journal is for a person; anything else ends the process, and its successor tries from the checkpoints. */
async function follow(child: Child, loop: ProjectorLoop): Promise<void> {
  try {
    await loop.run();
  } catch (error) {
    const damaged = error instanceof TradeBotError && error.kind === 'JournalError' && error.callerMust === 'stop';
    if (!damaged || isJournalOutage(error)) throw error;
    child.fatal(error);
  }
}

function partsOf({ identityParts }: ChildInit): NonNullable<ChildInit['identityParts']> {
  if (identityParts !== null) return identityParts;
  throw configError({
    code: 'HOME_NEEDS_IDENTITY',
    message: 'the projector was started in a home without an identity',
    remedy: 'Set the home up first.',
  });
}

function troubleFacts(trouble: ProjectorTrouble): Parameters<typeof errorRecorded>[0] {
  switch (trouble.kind) {
    case 'disk': {
      const { code, message } = trouble.fault;
      return { errorType: 'DataError', errorCode: code, message, context: {} };
    }
    case 'evidence': {
      const message = `evidence does not match the journal: ${trouble.difference}`;
      return { errorType: 'DataError', errorCode: 'EVIDENCE_DIFFERS', message, context: {} };
    }
    case 'stopped':
      return {
        errorType: 'LogicError',
        errorCode: 'PROJECTION_STOPPED',
        message: `${trouble.name} cannot continue: ${trouble.reason}`,
        context: { projection: trouble.name, position: trouble.position },
      };
  }
}

/** One that cannot be wrapped now still signs as it is; the next start tries again. */
async function wrapSealKey(vault: FileVault, appender: Pick<EventAppender, 'append'>): Promise<void> {
  try {
    vault.wrapSealKey();
  } catch (error) {
    if (!(error instanceof TradeBotError)) throw error;
    await report(appender, {
      errorType: error.kind,
      errorCode: error.code,
      message: `the seal key was not wrapped by the master key: ${error.message}`,
      context: {},
    });
  }
}

/** False when the journal takes nothing now. */
async function noteEvidence(
  parts: Parameters<typeof recordEvidence>[0],
  differences: readonly string[],
): Promise<boolean> {
  try {
    await recordEvidence(parts, differences);
    return true;
  } catch (error) {
    if (!(error instanceof TradeBotError)) throw error;
    return false;
  }
}

/** Best effort: on a full disk the journal takes nothing either, and the figures say it all the same. */
async function report(
  appender: Pick<EventAppender, 'append'>,
  data: Parameters<typeof errorRecorded>[0],
): Promise<void> {
  try {
    await appender.append(STREAMS.errors, [errorRecorded(data, { correlationId: 'projector', causationId: null })]);
  } catch (error) {
    if (!(error instanceof TradeBotError)) throw error;
  }
}
