import { invariant } from '../../kernel/errors.js';
import type { MultiFernet } from '../fernet/fernet.js';
import { masterKeyNeeded, masterKeyWrong, otherRecord } from './vault-errors.js';

/** The master key and its file, when there is one. */
export interface Wrapping {
  readonly file: string;
  readonly fernet: MultiFernet;
}

/** The text of a key file, and the name that its message carries. */
export interface KeyText {
  readonly file: string;
  readonly name: string;
  readonly text: string;
}

const WRAPPED = 'wrapped-by-master-key:';

export function isWrapped(text: string): boolean {
  return text.startsWith(WRAPPED);
}

/** Whether the first master key wraps it. */
export function isUnderFirst(text: string, master: Wrapping): boolean {
  return isWrapped(text) && master.fernet.opensWithFirst(text.slice(WRAPPED.length));
}

/** The text of a key file under the first master key: the message begins with the name, so it fits no other file. */
export function wrapKey(name: string, plain: string, master: Wrapping): string {
  return `${WRAPPED}${master.fernet.encrypt(`${name}:${plain}`)}`;
}

/** The key in a file's text, wrapped or plain. Throws MASTER_KEY_NEEDED, MASTER_KEY_WRONG, VAULT_UNREADABLE. */
export function unwrapKey({ file, name, text }: KeyText, master: Wrapping | undefined): string {
  if (!isWrapped(text)) return text;
  if (master === undefined) throw masterKeyNeeded(file);
  let message: string;
  try {
    message = master.fernet.decryptText(text.slice(WRAPPED.length));
  } catch {
    throw masterKeyWrong(file, master.file);
  }
  if (!message.startsWith(`${name}:`)) throw otherRecord(file);
  return message.slice(name.length + 1);
}

/** The same key under the first master key; undefined when it is already. Throws as `unwrapKey` does. */
export function rewrapped(key: KeyText, master: Wrapping): string | undefined {
  if (isUnderFirst(key.text, master)) return undefined;
  const plain = unwrapKey(key, master);
  const text = wrapKey(key.name, plain, master);
  invariant(unwrapKey({ ...key, text }, master) === plain, 'KEY_NOT_AS_WRAPPED', `${key.file} reads back differently`);
  return text;
}
