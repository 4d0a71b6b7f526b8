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
