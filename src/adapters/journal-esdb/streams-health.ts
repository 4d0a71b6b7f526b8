import type { RecordedEvent, StreamName } from '../../events/event.js';
import type { StreamFinding, StreamsHealth } from '../../ports/journal.js';
import { PAGE_EVENTS } from '../journal-common/paging.js';
import type { LogPosition } from './esdb-position.js';
import type { EsdbReader, RecordPage } from './esdb-reader.js';
import { verifyStreams } from './esdb-verifier.js';
import { judge, recordedOf } from './event-record.js';
import { StreamCourse } from './stream-course.js';
import { foreignFinding } from './stream-findings.js';
import type { StreamGuard } from './stream-guard.js';

/** What others did to the streams of a bot, as the port asks for it. */
export function streamsHealthOf(reader: EsdbReader, guard: StreamGuard, user: string | undefined): StreamsHealth {
  return {
    watch: () => guard.findings,
    look: async () => (await verifyStreams(reader, { user })).findings,
    blocked: (stream) => blockedIn(reader, stream),
    undo: (stream) => guard.undo(stream),
    left: () => leftOf(reader),
  };
}

async function blockedIn(reader: EsdbReader, stream: StreamName): Promise<StreamFinding | undefined> {
  const course = new StreamCourse(stream, reader.identity, true);
  for (;;) {
    const page: RecordPage = await reader.streamPage(stream, course.revision + 1);
    for (const record of page.records) course.take(record);
    if (!page.more) return course.run === undefined ? undefined : foreignFinding(course.run, true);
  }
}

async function* leftOf(reader: EsdbReader): AsyncGenerator<RecordedEvent> {
  const of = { prefixes: [reader.serverName('')] };
  let cursor: LogPosition | undefined;
  for (;;) {
    const page: RecordPage = await reader.allPage(of, cursor, 'forwards', PAGE_EVENTS);
    for (const record of page.records) {
      const own = judge(record);
      if ('record' in own) yield recordedOf(own);
    }
    const last = page.records.at(-1)?.position ?? undefined;
    if (!page.more || last === undefined) return;
    cursor = last;
  }
}
