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

const GROUPS = 8;
/** Whoever has one IPv6 address has at least a network of 2^64 of them. */
const NETWORK_GROUPS = 4;

/** What attempts are counted by: the address, or of IPv6 the /64 network that it is in. Takes what `foldAddress` gives. */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address;
  const [head = '', tail = ''] = address.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === '' ? [] : tail.split(':');
  const zeros = address.includes('::') ? Math.max(0, GROUPS - before.length - after.length) : 0;
  const groups = [...before, ...Array<string>(zeros).fill('0'), ...after];
  return `${groups.slice(0, NETWORK_GROUPS).map(withoutZeros).join(':')}::/64`;
}

function withoutZeros(group: string): string {
  return group.replace(/^0+(?=.)/, '');
}
