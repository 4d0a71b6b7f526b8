import type { SteadyClock } from '../../adapters/clock/steady-clock.js';
import type { RecordedEvent } from '../../events/event.js';
import type { ChildSupervisor } from './child-supervisor.js';
import type { BotIdentityParts } from '../../kernel/identity.js';
import type { ChildInit } from '../ipc/messages.js';
import type { MainOptions } from './main-options.js';

/** The first message to a child of this main; `given` is what this child alone gets. */
export function childInit(
  { base, root, versionTag, timeScale, feed, masterKeyFile, steady }: MainOptions,
  identityParts: BotIdentityParts | null,
  given: Partial<ChildInit>,
): ChildInit {
  return {
    home: base.home,
    root,
    versionTag,
    identityParts,
    timeScale,
    feed,
    clockAnchor: steady.anchor,
    attempt: 0,
    masterKeyFile,
    web: null,
    commands: [],
    task: null,
    ...given,
  };
}

/** Follows the machine's clock once it was accepted, in main and its children; the engine reads the event itself. */
export function acceptClock(
  event: RecordedEvent,
  steady: SteadyClock,
  children: readonly Pick<ChildSupervisor, 'send'>[],
): void {
  if (event.type !== 'ClockFaultCleared' || event.data.by === 'clock') return;
  steady.adopt();
  for (const one of children) one.send({ kind: 'accept-clock' });
}
