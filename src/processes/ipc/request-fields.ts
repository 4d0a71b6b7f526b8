import { dataError, type TradeBotError } from '../../kernel/errors.js';
import { isWellFormed } from '../../kernel/well-formed.js';
import { bareRecord } from '../../kernel/records.js';

/** Characters of one text; a request as a whole is bounded by the socket. */
const LONGEST_TEXT = 10_000;
/** Entries of one list or record. */
const MOST_ENTRIES = 300;

/** Reads the fields of an object that came from another process; nothing is believed about it. Its texts are whole Unicode. */
export class RequestFields {
  readonly #fields: ReadonlyMap<string, unknown>;

  /** Throws BAD_LOCAL_REQUEST for what is no object. */
  constructor(value: unknown) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw bad('the request is no object');
    this.#fields = new Map(Object.entries(value));
  }

  text(name: string): string {
    const value = this.#fields.get(name);
    if (typeof value !== 'string') throw bad(`${name} is no text`);
    if (value.length > LONGEST_TEXT) throw bad(`${name} has ${value.length} characters, of at most ${LONGEST_TEXT}`);
    if (!isWellFormed(value)) throw halfCharacter(name);
    return value;
  }

  textOrNull(name: string): string | null {
    return this.#fields.get(name) === null ? null : this.text(name);
  }

  choice<T extends string>(name: string, choices: readonly T[]): T {
    const text = this.text(name);
    const found = choices.find((one) => one === text);
    if (found === undefined) throw bad(`${name} is "${text.slice(0, 40)}", not one of ${choices.join(', ')}`);
    return found;
  }

  choiceOrNull<T extends string>(name: string, choices: readonly T[]): T | null {
    return this.#fields.get(name) === null ? null : this.choice(name, choices);
  }

  flag(name: string): boolean {
    const value = this.#fields.get(name);
    if (typeof value !== 'boolean') throw bad(`${name} is neither true nor false`);
    return value;
  }

  /** Texts by name; `__proto__` is a name like any other. */
  texts(name: string): Readonly<Record<string, string>> {
    const part = this.part(name);
    const names = [...part.#fields.keys()];
    if (names.length > MOST_ENTRIES) throw bad(`${name} has ${names.length} entries, of at most ${MOST_ENTRIES}`);
    return bareRecord(names.map((one) => [one, part.text(one)]));
  }

  list(name: string): readonly string[] {
    const value = this.#fields.get(name);
    if (!Array.isArray(value)) throw bad(`${name} is no list`);
    if (value.length > MOST_ENTRIES) throw bad(`${name} has ${value.length} entries, of at most ${MOST_ENTRIES}`);
    const part = new RequestFields(Object.fromEntries((value as readonly unknown[]).entries()));
    return value.map((_, at) => part.text(String(at)));
  }

  part(name: string): RequestFields {
    return new RequestFields(this.#fields.get(name));
  }
}

function bad(message: string): TradeBotError {
  return dataError({
    code: 'BAD_LOCAL_REQUEST',
    message,
    remedy: 'The command and the running bot are of different versions: start the bot again.',
  });
}

/** Its bytes cannot be kept: the journal would have another text than the one that was given. */
function halfCharacter(name: string): TradeBotError {
  return dataError({
    code: 'TEXT_NOT_UNICODE',
    message: `${name} has half of a character, which is no Unicode text`,
    remedy: 'Type the text again.',
  });
}
