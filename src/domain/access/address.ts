const LONGEST = 64;

/** Normalizes a network address: IPv4 mapped to IPv6 becomes IPv4, and an IPv6 zone is removed. */
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
/** A client with one IPv6 address usually controls its whole /64 network. */
const NETWORK_GROUPS = 4;

/** The network by which attempts are counted: the IPv4 address, or the /64 of an IPv6 address. Takes a folded address. */
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

const LOOPBACK = /^(?:127\.\d{1,3}\.\d{1,3}\.\d{1,3}|::1)$/;

/** The source of every address of this machine. */
export const LOOPBACK_SOURCE = 'loopback';

/** The source by which attempts are counted: every address of this machine is the same one. Takes a folded address. */
export function sourceOf(address: string): string {
  return LOOPBACK.test(address) ? LOOPBACK_SOURCE : networkOf(address);
}
