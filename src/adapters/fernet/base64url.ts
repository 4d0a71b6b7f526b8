const SHAPE = /^[A-Za-z0-9_-]+={0,2}$/;

/** URL-safe alphabet with padding, as in Fernet; node's own output has none. */
export function encodeBase64Url(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('base64url');
  return text.padEnd(Math.ceil(text.length / 4) * 4, '=');
}

/**
 * The bytes of exactly that form, otherwise undefined. Node's decoder skips foreign characters and accepts missing
 * padding and trailing bits; one token must have one text, so all of these are refused.
 */
export function decodeBase64Url(text: string): Buffer | undefined {
  if (text.length % 4 !== 0 || !SHAPE.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64url');
  return encodeBase64Url(bytes) === text ? bytes : undefined;
}
