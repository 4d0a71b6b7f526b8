import { EventAppender } from '../app/journal/event-appender.js';
import type { EngineRuntime } from './engine-runtime.js';
import { anchorHome } from './seal-anchor.js';

/**
 * `anchorHome` for a command that has the runtime of a home: recorded at the time of the last event, as other commands
 * record. Returns what to say; undefined without a directory.
 */
export async function anchorAfter(runtime: EngineRuntime): Promise<string | undefined> {
  const { paths, identity, journal, clock, projector } = runtime;
  const appender = new EventAppender({ journal, clock, identity, actor: 'user:local', idsNameWriter: false });
  const draft = await anchorHome({ paths, identity, journal, appender });
  if (draft === undefined) return undefined;
  await projector.catchUp();
  const { directory } = draft.data;
  return draft.type === 'SealsAnchored'
    ? `${draft.data.total} seals are anchored in ${directory}`
    : `WARNING: the seals are not anchored: ${draft.data.message} (${draft.data.code}). ${draft.data.remedy}`;
}
