import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SystemClock } from '../../src/adapters/clock/system-clock.js';
import { FernetKey } from '../../src/adapters/fernet/key.js';
import { FileVault } from '../../src/adapters/vault/file-vault.js';
import type { HomePaths } from '../../src/domain/home/home-paths.js';
import { secret } from '../../src/kernel/secret.js';
import { rechain, unlocked } from '../unit/support/tampering.js';
import * as program from './support/program.js';
import { done, pathsOf, tradebot, treeOf } from './support/program.js';
import { copyTree } from '../support/copy-tree.js';

interface SealSaid {
  readonly made: boolean;
  readonly sealId: string;
  readonly count: number;
  readonly path: string;
  readonly publicKey: string;
}

interface VerifySaid {
  readonly ok: boolean;
  readonly seals?: readonly { readonly sealId: string; readonly faults: readonly { readonly code: string }[] }[];
}

const DAYS = ['2026-01-05', '2026-01-06'];

let home: string;
let paths: HomePaths;

beforeAll(async () => {
  await program.buildOnce();
  home = join(program.scratchFolder(), 'home');
  paths = pathsOf(home);
  await done('day', '--synthetic', '--seed', '7', '--days', '2', '--home', home);
});
afterAll(program.removeScratch);

function copyOf(): { readonly copy: string; readonly its: HomePaths } {
  const copy = join(program.scratchFolder(), 'copy');
  copyTree(home, copy);
  return { copy, its: pathsOf(copy) };
}

async function verified(at: string, ...args: readonly string[]): Promise<{ code: number | null; said: VerifySaid }> {
  const { code, out } = await tradebot('verify', ...args, '--home', at, '--json');
  return { code, said: JSON.parse(out) as VerifySaid };
}

const faultsIn = ({ seals = [] }: VerifySaid): readonly string[] =>
  seals.map(({ sealId, faults }) => [sealId, ...faults.map(({ code }) => code)].join(' '));

describe('the seals of a home that has traded', () => {
  test('a lost private key is reported by the day, which exits with 3 after writing the rest', async () => {
    const { copy, its } = copyOf();
    rmSync(its.storage.sealKey);
    const { code, out } = await tradebot(
      'day',
      '--synthetic',
      '--seed',
      '7',
      '--date',
      '2026-01-07',
      '--home',
      copy,
      '--json',
    );
    const said = JSON.parse(out) as {
      readonly ok: boolean;
      readonly evidence: readonly string[];
    };
    expect({ code, ok: said.ok }).toEqual({ code: 3, ok: false });
    expect(said.evidence.filter((text) => text.includes('seal_2026-01-07.json'))).toEqual([
      expect.stringMatching(/it is missing and cannot be made again: .*\(SEAL_KEY_LOST\)/),
    ]);
    expect(existsSync(its.exportFile('ofx', 'session_2026-01-07'))).toBe(true);
  });

  test('there is one seal per session; the public key lies next to the seals, the private key is for the owner only', async () => {
    const names = readdirSync(paths.output.audit).sort();
    expect(names).toEqual(['journal_seal.pub', ...DAYS.map((date) => `seal_${date}.json`)]);
    expect(statSync(paths.storage.sealKey).mode & 0o777).toBe(0o600);
    const { code, said } = await verified(home);
    expect({ code, ok: said.ok, seals: faultsIn(said) }).toEqual({ code: 0, ok: true, seals: DAYS });
    const { out } = await tradebot('verify', '--home', home);
    expect(out).toMatch(
      /^ok, \d+ events, head [0-9a-f]{64}\ndigest of the events alone [0-9a-f]{64}\n2 seals match, the newest 2026-01-06: it covers \d+ events\n$/,
    );
  });

  test('on request the events since the last seal are sealed once', async () => {
    const { copy, its } = copyOf();
    await done('float', 'inject', '10.00', '--reason', 'a little more', '--home', copy);
    const first = await done<SealSaid>('seal', '--home', copy);
    expect(first).toMatchObject({ made: true, path: its.sealFile(first.sealId) });
    expect(await done('seal', '--home', copy)).toEqual({ ...first, made: false });
    const { code, said } = await verified(copy, '--seal', first.path, '--public-key', paths.output.sealPublicKey);
    expect({ code, seals: faultsIn(said) }).toEqual({ code: 0, seals: [first.sealId] });
    rmSync(first.path);
    expect(await done('seal', '--home', copy)).toEqual({ ...first, made: false });
    expect(existsSync(first.path)).toBe(true);
  });

  test('seals are rebuilt from journal and key byte for byte; without the key they are not rebuilt by another', async () => {
    const { copy, its } = copyOf();
    const before = treeOf(its.output.audit);
    rmSync(its.output.audit, { recursive: true });
    await done('rebuild', 'seals', '--home', copy);
    expect(treeOf(its.output.audit)).toEqual(before);
    rmSync(its.storage.sealKey);
    const { code, out, err } = await tradebot('rebuild', 'seals', '--home', copy);
    expect(code).not.toBe(0);
    expect(out + err).toMatch(/journal_seal\.key/);
    expect(treeOf(its.output.audit)).toEqual(before);
  });

  test('a wrapped seal key signs by command when .env names the master key; without it nothing new is made', async () => {
    const { copy, its } = copyOf();
    const master = join(copy, 'master.key');
    writeFileSync(master, FernetKey.generate().text().reveal(), { mode: 0o600 });
    const vault = new FileVault({ paths: its.storage, clock: new SystemClock(), masterKeyFile: master });
    vault.create({ envBot: secret('A=1\n') });
    const wrapped = readFileSync(its.storage.sealKey, 'utf8');
    expect(wrapped).toMatch(/^wrapped-by-master-key:/);
    const before = treeOf(its.output.audit);
    expect(await done('rebuild', 'all', '--check', '--home', copy)).toMatchObject({ ok: true });
    expect(await verified(copy)).toMatchObject({ code: 0, said: { ok: true } });
    await done('float', 'inject', '10.00', '--reason', 'a test', '--home', copy);
    const refused = await tradebot('seal', '--home', copy);
    expect([refused.code, refused.out + refused.err]).toEqual([1, expect.stringContaining('SEAL_KEY_NOT_OPENED')]);
    expect(treeOf(its.output.audit)).toEqual(before);
    writeFileSync(join(copy, '.env'), `TRADEBOT_MASTER_KEY_FILE=${master}\n`);
    const made = await done<SealSaid>('seal', '--home', copy);
    expect(made).toMatchObject({ made: true, path: its.sealFile(made.sealId) });
    rmSync(its.output.audit, { recursive: true });
    await done('rebuild', 'seals', '--home', copy);
    expect(treeOf(its.output.audit)).toMatchObject(before);
    expect((await verified(copy)).code).toBe(0);
    expect(readFileSync(its.storage.sealKey, 'utf8')).toBe(wrapped);
  });

  test('F29 a truncated journal and a rebuilt chain are detected with exit 3', async () => {
    const cut = copyOf();
    const last = unlocked(cut.its.storage.journalDb);
    last.exec('DELETE FROM events WHERE position > (SELECT max(position) - 5 FROM events)');
    last.close();
    const found = await verified(cut.copy);
    expect(found.code).toBe(3);
    expect(faultsIn(found.said)).toEqual(['2026-01-05', '2026-01-06 JOURNAL_CUT']);
    const rebuilt = copyOf();
    const db = unlocked(rebuilt.its.storage.journalDb);
    rechain(db, 30, (body) => body.replace('"actor":"system:engine"', '"actor":"system:nobody"'));
    db.close();
    const { code, out } = await tradebot('verify', '--home', rebuilt.copy);
    expect(code).toBe(3);
    expect(out).toMatch(/^ok, .*\ndigest .*\nSEAL MISMATCH: .*was rewritten.*\nSEAL MISMATCH: .*was rewritten.*\n$/);
  });

  test('every command that writes refuses a cut journal and removes no evidence of it', async () => {
    const { copy, its } = copyOf();
    const last = unlocked(its.storage.journalDb);
    last.exec('DELETE FROM events WHERE position > (SELECT max(position) / 2 FROM events)');
    for (const [table, key] of [
      ['streams', 'stream_id'],
      ['types', 'type_id'],
    ] as const) {
      last.exec(`DELETE FROM ${table} WHERE ${key} > (SELECT max(${key}) FROM events)`);
    }
    last.close();
    const kept = (): unknown => ({ audit: treeOf(its.output.audit), exports: treeOf(its.output.exports) });
    const before = kept();
    const writers = [
      ['rebuild', 'all', '--check'],
      ['rebuild', 'seals'],
      ['seal'],
      ['export', 'csv'],
      ['float', 'inject', '10.00', '--reason', 'more'],
      ['adjust', '--cash', '1.00', '--account', '4055', '--reason', 'more'],
      ['backup'],
      ['day', '--synthetic', '--seed', '7', '--date', '2026-01-07'],
      ['run', '--port', '0'],
    ];
    for (const args of writers) {
      const { code, out, err } = await tradebot(...args, '--home', copy);
      expect({ args, code, said: out + err }).toEqual({ args, code: 3, said: expect.stringMatching(/JOURNAL_CUT/) });
    }
    expect(kept()).toEqual(before);
    expect(readFileSync(its.control.botState, 'utf8')).toBe('error\n');
    const { code, out } = await tradebot('verify', '--home', copy);
    expect({ code, out }).toEqual({
      code: 3,
      out: expect.stringMatching(/HISTORY MISSING: .*checkpoint of ledger/),
    });
  });

  test('a published export that was changed is named by verify', async () => {
    const { copy, its } = copyOf();
    const file = its.exportFile('ofx', 'session_2026-01-05');
    writeFileSync(file, `${readFileSync(file, 'utf8')} `);
    const { code, out } = await tradebot('verify', '--home', copy);
    expect({ code, out }).toEqual({
      code: 3,
      out: expect.stringMatching(/^EXPORT CHANGED: .*session_2026-01-05\.ofx has the SHA-256 [0-9a-f]{64}/m),
    });
    expect(JSON.parse((await tradebot('verify', '--home', copy, '--json')).out)).toMatchObject({
      ok: false,
      changed: [{ path: file, format: 'ofx', name: 'session_2026-01-05' }],
    });
  });

  test('a damaged seal file and one with the key of another home are detected', async () => {
    const { copy, its } = copyOf();
    writeFileSync(its.sealFile('2026-01-05'), '{}');
    const { code, said } = await verified(copy);
    expect({ code, damaged: faultsIn(said).filter((text) => text.includes('SEAL_DAMAGED')).length }).toEqual({
      code: 3,
      damaged: 1,
    });
    const other = join(program.scratchFolder(), 'other');
    await done('day', '--synthetic', '--seed', '7', '--home', other);
    const strange = await verified(home, '--public-key', pathsOf(other).output.sealPublicKey);
    expect(strange.code).toBe(3);
    expect(faultsIn(strange.said)).toEqual(DAYS.map((date) => `${date} SEAL_OTHER_KEY`));
  });
});

describe('the proof of one fill', () => {
  test('by event, execution and FITID it is the same file, and it is verified without a home', async () => {
    const { out } = await tradebot('events', '--home', home, '--type', 'OrderFilled', '--limit', '1');
    const fill = JSON.parse(out) as { id: string; data: { executionId: string } };
    const ledger = new Database(paths.output.ledgerDb, { readonly: true });
    const fitid = ledger
      .prepare<[string], string>('SELECT fitid FROM groups WHERE source_event_id = ?')
      .pluck()
      .get(fill.id)!;
    ledger.close();
    const folder = program.scratchFolder();
    const made = async (id: string): Promise<string> => {
      const file = join(folder, `${id}.json`);
      await done('proof', id, '--seal', paths.sealFile('2026-01-06'), '--out', file, '--home', home);
      return program.textOf(file);
    };
    const proof = await made(fill.id);
    expect(await made(fill.data.executionId)).toBe(proof);
    expect(await made(fitid)).toBe(proof);
    expect((await tradebot('proof', fitid, '--home', home)).out).toBe(proof);
    const file = join(folder, `${fill.id}.json`);
    expect(Buffer.byteLength(proof)).toBeLessThan(4_000);
    expect(await done('check-proof', file, '--public-key', paths.output.sealPublicKey)).toMatchObject({
      ok: true,
      keyTrusted: true,
    });
    writeFileSync(file, proof.replace(/\\"quantity\\":\\"(\d)/, '\\"quantity\\":\\"9$1'));
    const changed = await tradebot('check-proof', file);
    expect(changed).toMatchObject({ code: 3, out: expect.stringMatching(/^NOT PROVEN: the event was changed/) });
  });

  test('invalid input gives one line and exit 1, and nothing is written', async () => {
    const out = join(program.scratchFolder(), 'proof.json');
    const empty = join(program.scratchFolder(), 'empty');
    await done('day', '--synthetic', '--home', empty);
    rmSync(pathsOf(empty).output.audit, { recursive: true });
    const asked = [
      ['proof', 'nothing', '--out', out, '--home', home],
      ['proof', 'f'.repeat(64), '--out', out, '--home', home],
      ['proof', 'x', '--seal', '/nowhere/seal.json', '--out', out, '--home', home],
      ['proof', 'x', '--seal', paths.output.sealPublicKey, '--out', out, '--home', home],
      ['proof', 'x', '--out', out, '--home', empty],
      ['check-proof', paths.output.sealPublicKey],
      ['check-proof', '/nowhere/proof.json'],
      ['verify', '--seal', '/nowhere/seal.json', '--home', home],
      ['verify', '--public-key', paths.sealFile('2026-01-05'), '--home', home],
    ];
    for (const args of asked) {
      const { code, err } = await tradebot(...args);
      expect({ args, code, lines: err.trimEnd().split('\n').length }).toEqual({ args, code: 1, lines: 1 });
    }
    expect(existsSync(out)).toBe(false);
  });
});
