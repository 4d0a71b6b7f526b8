import { isConfigured } from './configured-strategies.js';

/** Key of a setting of a strategy in the folder of own strategies: OWN_<STRATEGY>_<NAME>. */
export type OwnKey = `OWN_${string}`;

const OWN_KEY = /^OWN_[A-Z][A-Z0-9_]{0,75}$/;
const OWN_TEXT = /^[^\u0000-\u001f\u007f]{0,200}$/;
const OWN_NAME = /^[a-z][a-z0-9-]{0,31}$/;

/** Names that other parts of the program use where the name of a strategy stands. */
const TAKEN: readonly string[] = ['manual', 'holdings', 'universe', 'router', 'system'];

/** Whether a key has the shape of a setting of an own strategy, whether or not that strategy is there. */
export function isOwnKey(key: string): key is OwnKey {
  return OWN_KEY.test(key);
}

/** What is wrong with the text of such a setting, whichever strategy it belongs to; undefined when nothing is. */
export function ownTextProblem(text: string): string | undefined {
  return OWN_TEXT.test(text) ? undefined : 'must be one line of at most 200 characters';
}

/** Whether a name has the shape of an own strategy, and is not taken by the program. */
export function isOwnName(name: string): boolean {
  return OWN_NAME.test(name) && !isConfigured(name) && !TAKEN.includes(name);
}

/** The key of one setting of an own strategy: OWN_GAP_FADE_BUFFER. */
export function ownKey(strategy: string, name: string): OwnKey {
  return `OWN_${strategy.replaceAll('-', '_').toUpperCase()}_${name}`;
}
