import type { CallFact, FoundEvents, JournalFacts, MemberFact } from './facts.js';
import { sentenceOf, type Sentence, type TroubleContext } from './troubles.js';

export const FINDING_NAMES = [
  'address',
  'reach',
  'product',
  'cluster',
  'read',
  'write',
  'read back',
  'metadata',
  'clock',
  'identity',
] as const;
export type FindingName = (typeof FINDING_NAMES)[number];

/** `warning`: the bot works, and a person should know; `open`: not tried, because something before it failed. */
export const FINDING_RESULTS = ['ok', 'warning', 'failed', 'open'] as const;
export type FindingResult = (typeof FINDING_RESULTS)[number];

/** One line of the check of a journal server. */
export interface Finding {
  readonly name: FindingName;
  readonly result: FindingResult;
  readonly text: string;
  /** Empty when nothing has to be done. */
  readonly remedy: string;
}

/** The findings of a check, in their order; none for a journal in a file of the home. */
export interface JournalChecked {
  /** False when a bot could not run with this journal. */
  readonly ok: boolean;
  readonly findings: readonly Finding[];
  /** What the server has of the bot; undefined for nothing, or not looked at. */
  readonly found?: FoundEvents | undefined;
}

/** Whether the bot that asks is the one whose events are on the server. */
export type Belonging = 'new home' | 'own home';

const OLDEST = [21, 10] as const;
const NEWEST_TESTED = [26, 1] as const;
/** A difference of the clocks from which on times of the server mislead a reader. */
const CLOCK_LIMIT_MS = 2_000;

/** Findings in the order of FINDING_NAMES, one for each: what was seen, and for each fault a remedy. */
export function findingsOf(facts: JournalFacts, belonging: Belonging): readonly Finding[] {
  return [
    address(facts),
    reach(facts),
    product(facts),
    cluster(facts),
    call(facts, 'read', facts.readAll, '$all can be read'),
    call(facts, 'write', facts.write, 'an event was written to a stream of its own'),
    call(facts, 'read back', facts.readBack, 'the event was read back as it was written'),
    metadata(facts),
    clock(facts),
    identity(facts, belonging),
  ];
}

/** The findings of an address that cannot be used: nothing was asked. */
export function unusableAddress(sentence: Sentence): readonly Finding[] {
  return FINDING_NAMES.map((name) => (name === 'address' ? failed(name, sentence) : open(name)));
}

/** The first finding that stops a bot. */
export function failureIn(findings: readonly Finding[]): Finding | undefined {
  return findings.find(({ result }) => result === 'failed');
}

const ok = (name: FindingName, text: string): Finding => ({ name, result: 'ok', text, remedy: '' });
const open = (name: FindingName): Finding => ({ name, result: 'open', text: 'not tried', remedy: '' });
const failed = (name: FindingName, sentence: Sentence): Finding => ({ name, result: 'failed', ...sentence });
const warning = (name: FindingName, sentence: Sentence): Finding => ({ name, result: 'warning', ...sentence });

function contextOf({ shown, user, tls, caFile }: JournalFacts, at = shown, detail?: string): TroubleContext {
  return { at, user, tls, caFile, detail };
}

function address(facts: JournalFacts): Finding {
  const { shown, options, user, tls } = facts;
  const said = options.length === 0 ? '' : ` with ${options.join(', ')}`;
  if (user !== undefined && !tls) {
    return warning('address', {
      text: `the address is ${shown}${said}: user ${user} and the password are not sent without TLS`,
      remedy: 'Use TLS, or leave user and password out.',
    });
  }
  return ok('address', `the address is ${shown}${said}, ${user === undefined ? 'no user' : `user ${user}`}`);
}

function reach(facts: JournalFacts): Finding {
  const bad = facts.nodes.filter(({ trouble }) => trouble !== undefined);
  const good = facts.nodes.filter(({ trouble }) => trouble === undefined);
  const sentences = bad.map(({ at, trouble, detail }) =>
    sentenceOf(trouble ?? 'unreachable', contextOf(facts, at, detail)),
  );
  const [first] = sentences;
  if (first === undefined) {
    return ok('reach', `${good.map(({ at }) => at).join(', ')} answers ${facts.tls ? 'with TLS' : 'without TLS'}`);
  }
  const sentence = { text: sentences.map(({ text }) => text).join('; '), remedy: first.remedy };
  return good.length > 0 ? warning('reach', sentence) : failed('reach', sentence);
}

function product(facts: JournalFacts): Finding {
  const { product: asked, version } = facts;
  if (asked === undefined || isLeaderless(asked)) return open('product');
  if (!asked.ok) return failed('product', sentenceOf(asked.trouble, contextOf(facts, facts.shown, asked.detail)));
  if (version === undefined) {
    return warning('product', {
      text: `${facts.shown} does not report its version, as servers before 21.10 or behind a proxy`,
      remedy: 'Upgrade the server to 23.10 or newer, which is tested.',
    });
  }
  const parts = version.split('.').map(Number);
  if (isBefore(parts, OLDEST)) return failed('product', sentenceOf('tooOld', contextOf(facts, facts.shown, version)));
  const newer = isBefore(NEWEST_TESTED, parts.slice(0, NEWEST_TESTED.length));
  return ok('product', `version ${version}${newer ? `, newer than ${NEWEST_TESTED.join('.')}, which is tested` : ''}`);
}

function isBefore(a: readonly number[], b: readonly number[]): boolean {
  const at = b.findIndex((part, index) => (a[index] ?? 0) !== part);
  return at >= 0 && (a[at] ?? 0) < (b[at] ?? 0);
}

const isLeaderless = (fact: CallFact | undefined): boolean => fact?.ok === false && fact.trouble === 'noLeader';

const listed = (members: readonly MemberFact[]): string =>
  members.map(({ at, state, alive }) => `${at} ${alive ? state : 'away'}`).join(', ');

function cluster(facts: JournalFacts): Finding {
  const { members } = facts;
  const leaderless = [facts.product, facts.readAll].find(isLeaderless);
  if (members === undefined && leaderless?.ok === false) {
    return failed('cluster', sentenceOf('noLeader', contextOf(facts, facts.shown, leaderless.detail)));
  }
  if (members === undefined) {
    return facts.product?.ok === true ? ok('cluster', 'the server does not describe its nodes') : open('cluster');
  }
  if (!members.some(({ state, alive }) => alive && state === 'leader')) {
    return failed('cluster', sentenceOf('noLeader', contextOf(facts, facts.shown, listed(members))));
  }
  if (members.length === 1) return ok('cluster', 'one node, which leads');
  const away = members.filter(({ alive }) => !alive);
  if (away.length === 0) return ok('cluster', `${members.length} nodes: ${listed(members)}`);
  return warning('cluster', {
    text: `${away.length} of ${members.length} nodes are away: ${listed(members)}`,
    remedy: 'The journal works. Start the node again: without a majority nothing can be recorded.',
  });
}

function call(facts: JournalFacts, name: FindingName, fact: CallFact | undefined, text: string): Finding {
  if (fact === undefined) return open(name);
  if (fact.ok) return ok(name, text);
  return failed(name, sentenceOf(fact.trouble, contextOf(facts, facts.shown, fact.detail)));
}

/** The bot works without this right; the write before shows any other trouble. */
function metadata(facts: JournalFacts): Finding {
  const finding = call(facts, 'metadata', facts.metadata, 'the metadata of streams can be set');
  return finding.result === 'failed' ? { ...finding, result: 'warning' } : finding;
}

function clock({ clock: seen }: JournalFacts): Finding {
  if (seen === undefined) return open('clock');
  const off = Math.abs(seen.aheadMs);
  if (off <= CLOCK_LIMIT_MS + seen.exactTo) return ok('clock', 'the clock of the server agrees with ours');
  const seconds = (off / 1_000).toFixed(1);
  return warning('clock', {
    text: `the clock of the server is ${seconds} s ${seen.aheadMs > 0 ? 'ahead of' : 'behind'} the clock of this machine`,
    remedy: 'Let both follow the same time servers (NTP). Trading goes by the clock of this machine.',
  });
}

function identity(facts: JournalFacts, belonging: Belonging): Finding {
  const { found, identityRead, identity: name } = facts;
  if (identityRead === undefined) return open('identity');
  if (!identityRead.ok) {
    return failed('identity', sentenceOf(identityRead.trouble, contextOf(facts, facts.shown, identityRead.detail)));
  }
  if (found === undefined) {
    return ok('identity', `the server has no events of ${name}${belonging === 'own home' ? ' yet' : ''}`);
  }
  if (belonging === 'own home') {
    return ok('identity', `the server has the events of ${name} since ${found.since}, the last at ${found.last}`);
  }
  return failed('identity', takenSentence(facts.shown, name, found));
}

/** An identity that a new home cannot have, because the server has events of it. */
export function takenSentence(shown: string, name: string, found: FoundEvents): Sentence {
  const owner =
    found.owner === undefined ? 'no machine is recorded as its owner' : `it was last owned by ${found.owner}`;
  return {
    text:
      `${shown} has events of ${name} since ${found.since}; the last is ${found.lastType} in ${found.lastStream} at ` +
      `${found.last}; ${owner}`,
    remedy:
      'Give the new bot another bot code. To continue that bot on this machine, move its home here (tradebot backup, ' +
      'then restore) and take it over on purpose: tradebot journal take-over --reason "...".',
  };
}
