const LONGEST = 64;

/** A network address as it is kept: IPv4 within IPv6 is IPv4, and of IPv6 no zone. */
export function foldAddress(text: string): string {
  const address = text
    .trim()
    .toLowerCase()
    .replace(/%.*$/, '')
    .replace(/^::ffff:(?=\d+\.)/, '')
    .slice(0, LONGEST);
  return address === '' ? 'unknown' : address;
}
