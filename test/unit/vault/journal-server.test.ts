import { afterAll, describe, expect, test } from '@jest/globals';
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { FileVault } from '../../../src/adapters/vault/file-vault.js';
import { addressIn } from '../../../src/composition/home-journal-address.js';
import { basePaths } from '../../../src/domain/home/home-paths.js';
import { secret } from '../../../src/kernel/secret.js';
import { failureOf } from '../support/failure.js';
import { removeTemporaryHomes, temporaryHome } from '../support/home.js';
import { CANARY, made, vaultAt, type Made } from '../support/made-vault.js';

afterAll(removeTemporaryHomes);

const ADDRESS = 'esdb://host:2113?tls=true';
const WITH_LOGIN = `# kept\nMAX_TRADES=4\nJOURNAL_URL=esdb://bot:${CANARY}%40@host:2113?tls=true\n`;

function onServer(envBot = WITH_LOGIN): Made {
  const home = temporaryHome();
  vaultAt(home).create({ envBot: secret(envBot) });
  const reopened = (file: string | null = null): FileVault => vaultAt(home, file);
  return { home, paths: basePaths(home).storage, vault: vaultAt(home), reopened };
}

/** Removes what a version before `journal_server` did not write. */
function asEarlierVersion({ paths, vault }: Made): void {
  const generation = paths.vaultGeneration(vault.generation() ?? 0);
  for (const path of [
    generation.key('journal'),
    generation.secret('journal_server'),
    `${paths.keys}/journal.key`,
    `${paths.secrets}/journal_server.json.enc`,
  ]) {
    rmSync(path);
  }
}

const credentialsOf = (vault: FileVault): readonly (string | undefined)[] => {
  const { url, credentials } = vault.journalAddress();
  return [url, credentials?.user, credentials?.password.reveal()];
};

const IN_SECRETS = [ADDRESS, 'bot', `${CANARY}@`];

describe('the address of the journal in the vault', () => {
  test('user and password of JOURNAL_URL are moved out of the settings, and nothing holds them in plain text', () => {
    const { vault, paths } = onServer();
    expect(vault.envBot().reveal()).toBe(`# kept\nMAX_TRADES=4\nJOURNAL_URL=${ADDRESS}\n`);
    expect(credentialsOf(vault)).toEqual(IN_SECRETS);
    const files = readdirSync(paths.dir, { recursive: true }).map((name) => join(paths.dir, String(name)));
    const texts = files.filter((path) => statSync(path).isFile()).map((path) => readFileSync(path, 'latin1'));
    expect(texts.length).toBeGreaterThan(20);
    expect(texts.filter((text) => text.includes(CANARY))).toEqual([]);
  });

  test('a rotation, a master key and its removal keep them', () => {
    const { vault, reopened } = onServer();
    vault.rotate({ secrets: { smtp: { SMTP_HOST: secret('mail.example.com') } } });
    expect(credentialsOf(reopened())).toEqual(IN_SECRETS);
    vault.rotate({ secrets: { journal_server: { JOURNAL_USER: secret('bot'), JOURNAL_PASSWORD: secret('next') } } });
    expect(credentialsOf(reopened())).toEqual([ADDRESS, 'bot', 'next']);
  });

  test('a save that brings a login back moves it again', () => {
    const { vault } = onServer('JOURNAL_URL=sqlite:\n');
    expect(credentialsOf(vault)).toEqual(['sqlite:', undefined, undefined]);
    vault.rotate({ envBot: secret(WITH_LOGIN) });
    expect(credentialsOf(vault)).toEqual(IN_SECRETS);
    expect(vault.envBot().reveal()).not.toContain(CANARY);
  });

  test('it is read without any other key', () => {
    const { vault, paths } = onServer();
    const generation = paths.vaultGeneration(1);
    for (const name of readdirSync(generation.keys)) if (name !== 'journal.key') rmSync(join(generation.keys, name));
    expect(credentialsOf(vault)).toEqual(IN_SECRETS);
    expect(failureOf(() => vault.envBot()).code).toBe('VAULT_UNREADABLE');
  });

  test('a login that cannot be read stays hidden and where it is', () => {
    const { vault } = onServer(`JOURNAL_URL=esdb://bot:${CANARY}%@host:2113\n`);
    expect(vault.journalAddress().credentials).toBeUndefined();
    expect(vault.envBot().reveal()).toContain(CANARY);
  });
});

describe('a generation of a version without that secret', () => {
  test('it has no fault, gives the address by its settings, and the next rotation adds the secret', () => {
    const home = made();
    asEarlierVersion(home);
    const { vault, paths } = home;
    expect(vault.check()).toEqual([]);
    expect(vault.secret('journal_server')).toEqual({});
    expect(vault.journalAddress()).toEqual({ url: 'sqlite:' });
    vault.rotate({});
    expect(vault.check()).toEqual([]);
    expect(existsSync(`${paths.secrets}/journal_server.json.enc`)).toBe(true);
    expect(vault.earlier()).toEqual([1]);
  });

  test('half of the secret is a fault, not an earlier version', () => {
    const { vault, paths } = onServer();
    rmSync(paths.vaultGeneration(1).secret('journal_server'));
    expect(vault.check()).not.toEqual([]);
    expect(failureOf(() => vault.journalAddress()).code).toBe('VAULT_UNREADABLE');
  });
});

describe('where a home keeps its journal', () => {
  const broken = {
    generation: () => 1,
    journalAddress: () => failing(),
  };
  const failing = (): never => {
    vaultAt(temporaryHome()).envBot();
    throw new Error('unreachable');
  };

  test('a vault that does not open leaves a journal file in use, and is reported where there is none', () => {
    const home = temporaryHome();
    const { storage } = basePaths(home);
    const at = { ...storage, journalDb: join(home, 'journal.db') };
    expect(failureOf(() => addressIn(broken, at)).code).toBe('VAULT_MISSING');
    expect(addressIn(broken, { ...at, journalDb: process.execPath })).toEqual({ url: 'sqlite:' });
    expect(addressIn({ ...broken, generation: () => undefined }, at)).toEqual({ url: 'sqlite:' });
  });
});
