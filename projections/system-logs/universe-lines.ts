import type { Handlers } from '../kit/projection.js';
import { ignore } from '../kit/projection.js';
import { logged, type EntryContent, type LogEntry, type LogState, type Severity } from './entry.js';

const line = (severity: Severity, subject: string, text: string): EntryContent => ({
  ...{ category: 'process', severity, subject, text },
});

/** Builds of the universe; their progress is in universe_ops.log. */
export const universeLines: Handlers<'universe', LogState, LogEntry> = {
  UniverseBuildStarted: logged(({ buildId, date, providers, resumed }) =>
    line('info', buildId, `universe build of ${date} ${resumed ? 'resumed' : 'started'}: ${providers.join(', ')}`),
  ),
  UniverseBuildProgressed: ignore,
  UniversePublished: logged(({ buildId, date, symbols, listed, sha256, notes }) => {
    const tail = notes.length === 0 ? '' : `; ${notes.join('; ')}`;
    return line(
      'info',
      buildId,
      `universe of ${date} published: ${symbols} of ${listed} listed symbols, SHA-256 ${sha256}${tail}`,
    );
  }),
  UniverseBuildFailed: logged(({ buildId, code, message, remedy }) =>
    line('warning', buildId, `universe build failed, ${code}: ${message}. ${remedy}`),
  ),
  UniverseBuildSkipped: logged(({ date, reason }) => line('info', date, `no universe build: ${reason}`)),
};
