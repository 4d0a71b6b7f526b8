import type { EngineAppender } from '../journal/engine-appender.js';
import { recordedSettings } from './readiness.js';
import { changeSupervision } from './change-supervision.js';

export { changeSupervision };

/** An engine that main has started is supervised again, whatever became of its predecessor. */
export async function resumeSupervision(appender: EngineAppender): Promise<void> {
  if (appender.state.supervision === 'main') return;
  const { ORPHAN_POLICY: policy, ORPHAN_GRACE: graceSeconds } = recordedSettings(appender.state);
  const reason = 'main started this engine';
  await changeSupervision(appender, { kind: 'supervision', to: 'main', reason, policy, graceSeconds });
}
