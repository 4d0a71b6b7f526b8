import type { JournalCredentials } from '../../domain/config/journal-address.js';
import { schemeFault } from '../../domain/journal-check/other-products.js';
import { configError } from '../../kernel/errors.js';
import { checkTlsFile, FILE_OPTIONS, isFileOption } from './tls-files.js';

/** A checked connection string, with what may be shown of it. */
export interface ConnectionUrl {
  /** With user and password, as the client takes it. */
  readonly url: string;
  /** Scheme and hosts only: safe for messages and logs. */
  readonly shown: string;
  /** Options as written: none of them is a secret. */
  readonly options: readonly string[];
  readonly hosts: readonly { readonly host: string; readonly port: number }[];
  readonly tls: boolean;
  /** The authorities to trust; undefined for those of Node. */
  readonly caFile: string | undefined;
  readonly credentials: { readonly username: string; readonly password: string } | undefined;
  /** Texts that must never be shown: the password as written and as meant. */
  readonly secrets: readonly string[];
}

const SHAPE = /^(esdb(?:\+discover)?):\/\/(?:([^@/?]*)@)?([^@/?]+)\/?(?:\?(.*))?$/;
const HOST = /^[A-Za-z0-9.-]+(?::\d{1,5})?$/;
const DEFAULT_PORT = 2_113;
const HIGHEST_PORT = 65_535;
/** Options with the values that the client takes; it truncates and prints others. */
const VALUES: Readonly<Record<string, readonly [RegExp, string]>> = {
  tls: [/^(true|false)$/, 'true or false'],
  nodePreference: [/^(leader|follower|random|read_only_replica|readOnlyReplica)$/, 'leader, follower or random'],
  maxDiscoverAttempts: [/^[1-9]\d{0,2}$/, 'a number from 1 to 999'],
  discoveryInterval: [/^\d{1,5}$/, 'milliseconds, up to 99999'],
  gossipTimeout: [/^[1-9]\d{0,1}$/, 'seconds, from 1 to 99'],
  defaultDeadline: [/^[1-9]\d{2,5}$/, 'milliseconds, from 100 to 999999'],
  keepAliveInterval: [/^(-1|[1-9]\d{4,6})$/, 'milliseconds from 10000, or -1 for none'],
  keepAliveTimeout: [/^(-1|[1-9]\d{2,6})$/, 'milliseconds from 100, or -1 for none'],
};
const OPTIONS = [...FILE_OPTIONS, 'connectionName', ...Object.keys(VALUES)];

/** Never shows the value: it may hold a password. */
function refuse(what: string, remedy: string): never {
  throw configError({ code: 'JOURNAL_URL_INVALID', message: `the journal's URL ${what}`, remedy });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return refuse('has a % that starts no encoded character', 'Write % itself as %25.');
  }
}

function credentialsOf(text: string | undefined): ConnectionUrl['credentials'] {
  if (text === undefined) return undefined;
  const [username = '', password = '', ...more] = text.split(':');
  if (username === '' || password === '' || more.length > 0) {
    refuse('has no readable user and password', 'Write user:password@ and percent-encode : @ / ? in either of them.');
  }
  return { username: decoded(username), password: decoded(password) };
}

function checkOption(pair: string): void {
  const [key = '', value = ''] = pair.split('=');
  if (!OPTIONS.includes(key)) {
    const known = key === 'tlsVerifyCert' || key === 'throwOnAppendFailure';
    refuse(
      known ? `has ${key}, which this program does not support` : 'has an unknown option',
      `The options are ${OPTIONS.join(', ')}; trust a private authority with tlsCAFile.`,
    );
  }
  if (value === '') refuse(`has no value for ${key}`, `Write ${key}=<value>.`);
  const [shape, mustBe] = VALUES[key] ?? [];
  if (shape?.test(value) === false) {
    refuse(`has a ${key} that the client cannot use`, `Write ${key} as ${mustBe}.`);
  }
  const meant = decoded(value);
  if (isFileOption(key)) checkTlsFile(key, meant);
}

/** Throws for what the client would not understand, such as an IPv6 address. */
function hostsOf(text: string): ConnectionUrl['hosts'] {
  if (text.includes('[')) {
    refuse('has an IPv6 address, which the client of EventStoreDB cannot use', 'Write the host name of the server.');
  }
  return text.split(',').map((host) => {
    const [name = '', port] = host.split(':');
    const number = port === undefined ? DEFAULT_PORT : Number(port);
    if (!HOST.test(host) || number < 1 || number > HIGHEST_PORT) {
      refuse(
        'has a host that is neither a name nor an address, with or without a port',
        'Write host:2113, or several separated by commas.',
      );
    }
    return { host: name, port: number };
  });
}

function withLogin(url: string, credentials: JournalCredentials | undefined): string {
  if (credentials === undefined) return url;
  if (url.includes('@'))
    refuse('has a user, and user and password are given apart from it', 'Write the URL without user:password@.');
  const login = [credentials.user, credentials.password.reveal()].map(encodeURIComponent).join(':');
  return url.replace('://', () => `://${login}@`);
}

/**
 * Checks what the client would accept silently, truncate, or print with the password in it. Throws ConfigError
 * `JOURNAL_URL_INVALID`, `JOURNAL_TLS_FILE_MISSING` or `JOURNAL_TLS_FILE_INVALID`.
 */
export function parseConnectionUrl(text: string, credentialsApart?: JournalCredentials): ConnectionUrl {
  const url = withLogin(text.trim(), credentialsApart);
  const parts = SHAPE.exec(url);
  if (parts === null) {
    const fault = schemeFault(url);
    refuse(
      fault?.text ?? 'is not an EventStoreDB connection string',
      fault?.remedy ?? 'Write esdb://host:2113, or esdb+discover:// with a cluster name.',
    );
  }
  const [, scheme = '', login, hostList = '', query] = parts;
  const hosts = hostsOf(hostList);
  const credentials = credentialsOf(login);
  const options = query === undefined || query === '' ? [] : query.split('&');
  for (const pair of options) checkOption(pair);
  const keys = options.map((pair) => pair.split('=')[0]);
  if (new Set(keys).size < keys.length) refuse('has an option twice', 'Write each option once.');
  if (
    options.some((pair) => pair.startsWith('userCertFile=')) !== options.some((pair) => pair.startsWith('userKeyFile='))
  ) {
    refuse('has only one of userCertFile and userKeyFile', 'Give both, or neither.');
  }
  const secrets = login === undefined ? [] : [login, login.slice(login.indexOf(':') + 1), credentials?.password ?? ''];
  const caFile = valueOf(options, 'tlsCAFile');
  return {
    url,
    shown: `${scheme}://${hostList}`,
    options: options.map(decoded),
    hosts,
    tls: valueOf(options, 'tls') !== 'false',
    caFile: caFile === undefined ? undefined : decoded(caFile),
    credentials,
    secrets: secrets.filter((secret) => secret !== ''),
  };
}

function valueOf(options: readonly string[], key: string): string | undefined {
  return options.find((pair) => pair.startsWith(`${key}=`))?.slice(key.length + 1);
}
