import type { Principal } from '../../../app/access/principal.js';
import type { Permission } from '../../../domain/access/roles.js';
import { sha256Hex } from '../../../kernel/hash.js';
import type { MadeOf } from './answer-versions.js';
import type { AnswerMaker, PreparedAnswer } from './prepared-answer.js';
import type { RouteGroup } from './route-availability.js';
import { ASK_AGAIN } from './security.js';

/** What an endpoint declares that answers an address. */
export interface Declared {
  readonly madeOf: MadeOf;
  readonly permission: Permission;
  readonly part: RouteGroup;
  /** Pattern of the route. */
  readonly route: string | undefined;
}

/** An answer, and what it was made of. */
export interface Kept {
  readonly version: string;
  readonly answer: PreparedAnswer;
}

/** Answers of one address. */
export interface KeptAddress extends Declared {
  /** By the rights that they were made for. */
  readonly answers: Map<string, Kept>;
}

const MOST_KEPT = 32;
const MOST_BYTES = 512 * 1_024;
const TYPE = 'application/json; charset=utf-8';

/** Answers as they were given, by address and rights, each with the version of what it was made of. */
export class AnswerStore {
  readonly #addresses = new Map<string, KeptAddress>();

  constructor(private readonly maker: AnswerMaker) {}

  at(url: string): KeptAddress | undefined {
    return this.#addresses.get(url);
  }

  /** The answer of an address for who asks, if it was made of what is there now. */
  find(url: string, principal: Principal, version: string | undefined): Kept | undefined {
    const kept = this.#addresses.get(url)?.answers.get(rightsOf(principal));
    return version !== undefined && kept?.version === version ? kept : undefined;
  }

  /** `text` undefined: only that it is the same is known. */
  keep(
    url: string,
    declared: Declared,
    { principal, version, text }: { readonly principal: Principal; readonly version: string; readonly text?: string },
  ): void {
    const rights = rightsOf(principal);
    const bytes = text === undefined ? undefined : Buffer.from(text);
    const answer = this.maker.prepare({
      ...{ etag: tagOf(version, rights, url), type: TYPE, headers: Object.entries(ASK_AGAIN) },
      bytes: bytes !== undefined && bytes.length <= MOST_BYTES ? bytes : undefined,
    });
    const address = this.#addresses.get(url) ?? { ...declared, answers: new Map<string, Kept>() };
    address.answers.set(rights, { version, answer });
    this.#addresses.delete(url);
    this.#addresses.set(url, address);
    this.#trim();
  }

  /** The tag of what an address answers now to who asks. */
  tag(url: string, principal: Principal, version: string): string {
    return tagOf(version, rightsOf(principal), url);
  }

  /** The addresses that were asked longest ago leave first. */
  #trim(): void {
    let kept = 0;
    for (const { answers } of this.#addresses.values()) kept += answers.size;
    for (const [url, { answers }] of this.#addresses) {
      if (kept <= MOST_KEPT) return;
      this.#addresses.delete(url);
      kept -= answers.size;
    }
  }
}

function tagOf(version: string, rights: string, url: string): string {
  return `"${sha256Hex([version, rights, url].join('\n')).slice(0, 32)}"`;
}

function rightsOf({ kind, role, ownRole, mustEnrolSecondFactor, mustChangePassword }: Principal): string {
  return `${kind} ${role} ${ownRole} ${String(mustEnrolSecondFactor)} ${String(mustChangePassword)}`;
}
