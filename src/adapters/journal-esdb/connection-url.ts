import { existsSync } from 'node:fs';
import { configError } from '../../kernel/errors.js';

/** A checked connection string, with what may be shown of it. */
export interface ConnectionUrl {
  readonly url: string;
  /** Scheme and hosts only: safe for messages and logs. */
  readonly shown: string;
  readonly credentials: { readonly username: string; readonly password: string } | undefined;
  /** Texts that must never be shown: the password as written and as meant. */
  readonly secrets: readonly string[];
}

const SHAPE = /^(esdb(?:\+discover)?):\/\/(?:([^@/?]*)@)?([^@/?]+)\/?(?:\?(.*))?$/;
const HOST = /^(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(?::\d{1,5})?$/;
const FILE_OPTIONS = ['tlsCAFile', 'userCertFile', 'userKeyFile'];
const OPTIONS = [
  ...FILE_OPTIONS,
  'tls',
  'connectionName',
  'nodePreference',
  'maxDiscoverAttempts',
  'discoveryInterval',
  'gossipTimeout',
  'defaultDeadline',
  'keepAliveInterval',
  'keepAliveTimeout',
];

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
  if (key === 'tls' && value !== 'true' && value !== 'false') {
    refuse('has a tls option that is neither true nor false', 'Write tls=true or tls=false.');
  }
  const file = decoded(value);
  if (FILE_OPTIONS.includes(key) && !existsSync(file)) {
    throw configError({
      code: 'JOURNAL_TLS_FILE_MISSING',
      message: `the ${key} of the journal's URL, ${file}, does not exist`,
      remedy: 'Give the absolute path of a PEM file that this user may read.',
      details: { option: key, file },
    });
  }
}

/**
 * Checks what the client would accept silently, truncate, or print with the password in it. Throws ConfigError
 * `JOURNAL_URL_INVALID` or `JOURNAL_TLS_FILE_MISSING`.
 */
export function parseConnectionUrl(text: string): ConnectionUrl {
  const url = text.trim();
  const parts = SHAPE.exec(url);
  if (parts === null) {
    refuse(
      'is not an EventStoreDB connection string',
      'Write esdb://user:password@host:2113?tls=true, or esdb+discover:// with a cluster name.',
    );
  }
  const [, scheme = '', login, hosts = '', query] = parts;
  if (!hosts.split(',').every((host) => HOST.test(host))) {
    refuse(
      'has a host that is neither a name nor an address, with or without a port',
      'Write host:2113, or several separated by commas.',
    );
  }
  const credentials = credentialsOf(login);
  const options = query === undefined || query === '' ? [] : query.split('&');
  for (const pair of options) checkOption(pair);
  if (
    options.some((pair) => pair.startsWith('userCertFile=')) !== options.some((pair) => pair.startsWith('userKeyFile='))
  ) {
    refuse('has only one of userCertFile and userKeyFile', 'Give both, or neither.');
  }
  const secrets = login === undefined ? [] : [login, login.slice(login.indexOf(':') + 1), credentials?.password ?? ''];
  return { url, shown: `${scheme}://${hosts}`, credentials, secrets: secrets.filter((secret) => secret !== '') };
}
