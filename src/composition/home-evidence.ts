import { dirname, extname, basename } from 'node:path';
import { copiesIn } from '../adapters/backup/prune.js';
import { namesIn } from '../adapters/files/names-in.js';
import { readCheckpoints } from '../adapters/projection-targets/read-checkpoint.js';
import { readSeals } from '../adapters/seal-keys/seal-files.js';
import type { HistoryEvidence, HistoryMark, PublishedExport } from '../app/audit/lost-history.js';
import { EXPORT_FORMATS } from '../app/exports/export-books.js';
import type { HomePaths } from '../domain/home/home-paths.js';
import { TradeBotError } from '../kernel/errors.js';
import type { BotIdentity } from '../kernel/identity.js';

/** As `tradebot export` and the end of a session name them; other files in the folder are not ours. */
const EXPORT_NAME = /^(?:session_\d{4}-\d\d-\d\d|range_\d{4}-\d\d-\d\d_\d{4}-\d\d-\d\d)(?:_\d+)?$/;
/** Of the embedded journal; seals of a journal on a server are compared by `verify`. */
export const EMBEDDED_POSITION = /^\d{16}$/;

/**
 * What a home holds besides its journal that proves how far the journal had come: seals, backups, published exports,
 * checkpoints of its databases. Only reads; not for a process that has the databases of projections open.
 */
export function homeEvidence(paths: HomePaths, identity: BotIdentity): HistoryEvidence {
  return {
    marks: [...sealMarks(paths, identity), ...backupMarks(paths, identity), ...checkpointMarks(paths)],
    exports: publishedExports(paths),
  };
}

/** A seal that cannot be read is for `verify`; one with a false signature still contradicts a journal that is shorter. */
function sealMarks({ output }: HomePaths, identity: BotIdentity): readonly HistoryMark[] {
  return readSeals(output.audit).flatMap(({ path, signed }): readonly HistoryMark[] => {
    if (signed instanceof TradeBotError || signed.seal.botIdentity !== identity) return [];
    const { sealId, position, hash } = signed.seal;
    if (!EMBEDDED_POSITION.test(position)) return [];
    const proof = { kind: 'seal', id: sealId, position, hash } as const;
    return [{ name: `seal ${sealId} (${path})`, path, position, hash, followed: true, proof }];
  });
}

/** A copy of the journal with a manifest has its last event; whether the copy itself is whole is for its restore. */
function backupMarks({ backups, sessionBackups }: HomePaths, identity: BotIdentity): readonly HistoryMark[] {
  return [backups, sessionBackups].flatMap((folder) =>
    copiesIn(folder).flatMap(({ name, botIdentity, position, headHash: hash }) => {
      if (botIdentity !== identity || !EMBEDDED_POSITION.test(position)) return [];
      const proof = { kind: 'backup', id: name, position, hash } as const;
      return [{ name: `backup ${name} (${folder})`, path: null, position, hash, followed: false, proof }];
    }),
  );
}

function checkpointMarks({ output, storage }: HomePaths): readonly HistoryMark[] {
  return [output.ledgerDb, output.coaDb, output.floatLedgerDb, storage.projectionsDb].flatMap((path) =>
    readCheckpoints(path).flatMap(({ name, position }) =>
      position === null
        ? []
        : [{ name: `the checkpoint of ${name} (${path})`, path: null, position, hash: undefined, followed: false }],
    ),
  );
}

function publishedExports(paths: HomePaths): readonly PublishedExport[] {
  return EXPORT_FORMATS.flatMap((format) => {
    const sample = paths.exportFile(format, 'ANY');
    return namesIn(dirname(sample)).flatMap((file): readonly PublishedExport[] => {
      const name = basename(file, extname(sample));
      if (extname(file) !== extname(sample) || !EXPORT_NAME.test(name)) return [];
      return [{ path: paths.exportFile(format, name), format, name }];
    });
  });
}
