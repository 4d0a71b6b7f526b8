import type { BotIdentityParts } from '../../kernel/identity.js';
import type { ChildInit } from '../ipc/messages.js';
import type { MainOptions } from './main-options.js';

/** The first message to a child of this main; `given` is what this child alone gets. */
export function childInit(
  { base, root, versionTag, timeScale, masterKeyFile }: MainOptions,
  identityParts: BotIdentityParts | null,
  given: Partial<ChildInit>,
): ChildInit {
  return {
    home: base.home,
    root,
    versionTag,
    identityParts,
    timeScale,
    attempt: 0,
    masterKeyFile,
    web: null,
    commands: [],
    task: null,
    ...given,
  };
}
