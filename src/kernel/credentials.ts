import { configError } from './errors.js';

const LONGEST_MESSAGE = 2_000;

/** Patterns of credentials in texts of other programs: in addresses, and values with the name of a secret. */
const CREDENTIALS: readonly (readonly [RegExp, string])[] = [
  [/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@]+@/gi, '$1***@'],
  [/(\b(?:bearer|basic)\s+)[\w.~+/=-]{8,}/gi, '$1***'],
  [/((?:pass(?:word|wd|phrase)?|secret|token|api[_-]?key|credential)\w*["']?\s*[=:]\s*["']?)[^\s"',;&}]+/gi, '$1***'],
  // Fernet tokens and keys of 32 bytes.
  [/\bgAAAAA[\w-]{20,}={0,2}/g, '***'],
];

/** Masks credentials in a text and shortens it to `longest` characters. */
export function withoutCredentials(text: string, longest = LONGEST_MESSAGE): string {
  const cut = text.length > longest ? `${text.slice(0, longest)} ...` : text;
  return CREDENTIALS.reduce((clean, [shape, instead]) => clean.replace(shape, instead), cut);
}

/** What a person may paste where it stays for good; prose about passwords ("password: reset by anna") is no credential. */
const PASTED: readonly (readonly [RegExp, string])[] = [
  [
    /(?<![A-Za-z])(?:pass(?:word|wd|phrase)?|pwd|secret|token|api[_-]?key|credential)\w{0,20}["']?\s?=\s?["']?[^\s"']{4}/i,
    'a credential',
  ],
  [
    /(?<![A-Za-z])(?:pass(?:word|wd|phrase)?|pwd|secret|token|api[_-]?key|credential)\w{0,20}["']?:["']?[^\s"']{4}/i,
    'a credential',
  ],
  [/\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s/@:]{1,200}:[^\s/@]{1,200}@/i, 'an address with a password'],
  [/\bbearer\s[\w.~+/=-]{20}/i, 'an access token'],
  [/\btbp_[\w-]{20}/, 'an access token'],
  [/-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----/, 'a private key'],
  [/\bgAAAAA[\w-]{20}/, 'an encrypted token'],
  [/(?<![\w+/=-])[A-Za-z0-9_-]{43}=(?![\w=-])/, 'a key'],
];
const LONGEST_LOOKED_AT = 10_000;

/** The kind of credential that a text seems to hold; undefined when none is seen. Never the value. */
export function credentialIn(text: string): string | undefined {
  const head = text.slice(0, LONGEST_LOOKED_AT);
  return PASTED.find(([shape]) => shape.test(head))?.[1];
}

/** Refuses a text that is kept for good, such as a reason. Throws ConfigError CREDENTIAL_IN_TEXT. */
export function refuseCredential(text: string): void {
  const found = credentialIn(text);
  if (found === undefined) return;
  throw configError({
    code: 'CREDENTIAL_IN_TEXT',
    message: `the text seems to hold ${found}, and it would stay in the journal for good`,
    remedy: 'Write it without the value. Change a credential that others may have seen. Nothing was changed.',
  });
}
