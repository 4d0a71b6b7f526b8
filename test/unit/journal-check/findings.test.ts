import { describe, expect, test } from '@jest/globals';
import {
  failureIn,
  FINDING_NAMES,
  findingsOf,
  unusableAddress,
  type FindingName,
  type FindingResult,
} from '../../../src/domain/journal-check/findings.js';
import type { CallFact, JournalFacts } from '../../../src/domain/journal-check/facts.js';
import { ownerText } from '../../../src/domain/journal-check/owner-text.js';
import { sentenceOf, TROUBLES, type Trouble } from '../../../src/domain/journal-check/troubles.js';

const YES: CallFact = { ok: true };
const no = (trouble: Trouble, detail = ''): CallFact => ({ ok: false, trouble, detail });

const GOOD: JournalFacts = {
  shown: 'esdb://db:2113',
  options: ['tls=true'],
  tls: true,
  user: 'bot',
  identity: 'DEMO_US_SIM_B01',
  nodes: [{ at: 'db:2113' }],
  version: '23.10.6.0',
  product: YES,
  members: [{ at: 'db:2113', state: 'leader', alive: true }],
  readAll: YES,
  write: YES,
  readBack: YES,
  metadata: YES,
  clock: { aheadMs: 12, exactTo: 3 },
  identityRead: YES,
};
const FOUND = {
  since: '2026-11-01T09:00:00.000Z',
  last: '2026-11-27T21:00:00.000Z',
  lastType: 'BotStateChanged',
  lastStream: 'lifecycle',
};
const three = (...states: readonly string[]): JournalFacts['members'] =>
  states.map((state, index) => ({ at: `n${index + 1}:2113`, state, alive: state !== 'away' }));

const one = (facts: Partial<JournalFacts>, name: FindingName) =>
  findingsOf({ ...GOOD, ...facts }, 'new home').find((finding) => finding.name === name);

describe('findings of a journal server', () => {
  test('a server without a fault is ok in each line, and needs nothing', () => {
    const findings = findingsOf(GOOD, 'new home');
    expect(findings.map(({ name }) => name)).toEqual([...FINDING_NAMES]);
    expect(findings.map(({ result }) => result)).toEqual(FINDING_NAMES.map(() => 'ok'));
    expect(findings.map(({ remedy }) => remedy).join('')).toBe('');
    expect(failureIn(findings)).toBeUndefined();
  });

  const cases: readonly (readonly [string, FindingName, Partial<JournalFacts>, FindingResult, RegExp])[] = [
    ['no password goes without TLS', 'address', { tls: false }, 'warning', /user bot .* not sent without TLS/],
    ['one of three is away', 'reach', { nodes: [{ at: 'a' }, { at: 'b', trouble: 'refused' }] }, 'warning', /at b/],
    ['no node answers', 'reach', { nodes: [{ at: 'a', trouble: 'unresolved' }] }, 'failed', /name of a is not known/],
    ['another product', 'product', { product: no('otherProduct') }, 'failed', /not an EventStoreDB server/],
    ['a server of 2020', 'product', { version: '20.10.2.0' }, 'failed', /20\.10\.2\.0, which is too old/],
    ['a server of 2021', 'product', { version: '21.10.0' }, 'ok', /^version 21\.10\.0$/],
    ['a newer server', 'product', { version: '26.2.0' }, 'ok', /newer than 26\.1/],
    ['a tested server', 'product', { version: '26.1.0' }, 'ok', /^version 26\.1\.0$/],
    ['a silent version', 'product', { version: undefined }, 'warning', /does not report its version/],
    ['no leader', 'cluster', { members: three('follower', 'follower', 'away') }, 'failed', /no leader.*n3:2113 away/],
    [
      'a leader that is away',
      'cluster',
      { members: [{ at: 'n', state: 'leader', alive: false }] },
      'failed',
      /no lead/,
    ],
    ['a node is away', 'cluster', { members: three('leader', 'follower', 'away') }, 'warning', /1 of 3 nodes are away/],
    ['all nodes', 'cluster', { members: three('leader', 'follower', 'follower') }, 'ok', /3 nodes/],
    ['a wrong password', 'read', { readAll: no('login') }, 'failed', /does not accept the password of user bot/],
    ['no right to read', 'read', { readAll: no('readDenied') }, 'failed', /user bot may not read \$all/],
    ['nobody', 'read', { user: undefined, readAll: no('readDenied') }, 'failed', /without a user may not read/],
    ['no right to write', 'write', { write: no('writeDenied') }, 'failed', /may not write/],
    ['a full disk', 'write', { write: no('diskFull') }, 'failed', /disk of the server .* is full/],
    ['a frozen disk', 'write', { write: no('writeSilent', 'within 5 s') }, 'failed', /reads, but no write: within 5 s/],
    ['no right to read back', 'read back', { readBack: no('streamReadDenied') }, 'failed', /may not read/],
    ['no right to metadata', 'metadata', { metadata: no('metadataDenied') }, 'warning', /cannot protect its streams/],
    ['a clock ahead', 'clock', { clock: { aheadMs: 90_000, exactTo: 5 } }, 'warning', /90\.0 s ahead of/],
    ['a clock behind', 'clock', { clock: { aheadMs: -4_000, exactTo: 5 } }, 'warning', /4\.0 s behind/],
    ['a slow answer', 'clock', { clock: { aheadMs: 3_000, exactTo: 2_000 } }, 'ok', /agrees/],
    [
      'an identity that is taken',
      'identity',
      { found: FOUND },
      'failed',
      /since 2026-11-01.*BotStateChanged.*no machine/,
    ],
    [
      'by a machine',
      'identity',
      { found: { ...FOUND, owner: 'box-1 (/srv/a)' } },
      'failed',
      /owned by box-1 \(\/srv\/a\)/,
    ],
    ['nothing tried', 'identity', { identityRead: undefined }, 'open', /not tried/],
  ];
  test.each(cases)('%s', (_what, name, facts, result, words) => {
    const finding = one(facts, name);
    expect(finding).toMatchObject({ name, result, text: expect.stringMatching(words) });
    expect(finding?.remedy === '').toBe(result === 'ok' || result === 'open');
  });

  test('an identity that is taken offers another bot code, or a take-over on purpose', () => {
    const remedy = one({ found: FOUND }, 'identity')?.remedy ?? '';
    expect(remedy).toContain('another bot code');
    expect(remedy).toContain('tradebot journal take-over --reason');
  });

  test('the bot of a home finds its own events, and that is no fault', () => {
    const [own] = findingsOf({ ...GOOD, found: FOUND }, 'own home').slice(-1);
    expect(own).toMatchObject({ result: 'ok', text: expect.stringContaining('since 2026-11-01') });
  });

  test('what was not tried is open, and never ok', () => {
    const facts = { ...GOOD, nodes: [{ at: 'db:2113', trouble: 'silent', detail: 'within 5 s' }] } as const;
    const { product: _p, members: _m, readAll: _r, write: _w, readBack: _b, metadata: _d, clock: _c, ...rest } = facts;
    const { identityRead: _i, ...cut } = rest;
    const findings = findingsOf(cut, 'new home');
    expect(findings.map(({ result }) => result)).toEqual(['ok', 'failed', ...Array(8).fill('open')]);
    expect(unusableAddress({ text: 'a', remedy: 'b' }).map(({ result }) => result)).toEqual([
      'failed',
      ...Array(9).fill('open'),
    ]);
  });
});

describe('troubles', () => {
  const contexts = [
    { at: 'db:2113', tls: true },
    { at: 'db:2113', tls: false, user: 'bot', caFile: '/ca.pem', detail: 'more' },
  ];
  test.each(Object.keys(TROUBLES) as Trouble[])('%s has a sentence that names the server, and a remedy', (trouble) => {
    for (const context of contexts) {
      const { text, remedy } = sentenceOf(trouble, context);
      expect(text).toContain('db:2113');
      expect(text).not.toMatch(/undefined|\.$/);
      expect(remedy).toMatch(/^[A-Z].*\.$/);
    }
  });
});

describe('the owner in ownership events', () => {
  test.each([
    [
      [{ number: 2 }, { owner: { machine: 'box-1', home: '/srv/bot' } }, { owner: { machine: 'box-0' } }],
      'box-1 (/srv/bot)',
    ],
    [[{ owner: { machine: 'box-0' } }], 'box-0'],
    [[{ owner: 'me' }, null, 'text', { owner: { machine: 7 } }], undefined],
    [[], undefined],
  ])('%j', (events, owner) => {
    expect(ownerText(events)).toBe(owner);
  });
});
