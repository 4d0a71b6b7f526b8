/** What a beancount journal comes to, by its own rules, written apart from what writes it. */
export interface ReadBeancount {
  /** Cents by account code; accounts without a code by their whole name. Without zeros. */
  readonly balances: Readonly<Record<string, bigint>>;
  /** Failed balances and pads that had nothing to do, as `bean-check` reports them. */
  readonly errors: readonly string[];
  readonly transactions: number;
}

interface Directive {
  readonly date: string;
  readonly line: number;
  readonly kind: 'balance' | 'txn' | 'pad';
  /** Account and cents; null is what the others leave. */
  readonly postings: (readonly [string, bigint | null])[];
}

const HEAD = /^(\d{4}-\d\d-\d\d) (\*|pad|balance|custom) ?(.*)$/u;
const POSTING = /^ {2}([A-Z][A-Za-z0-9:-]+)(?: {2}(-?\d+\.\d\d) USD)?$/u;
const MEMBER = /^ +[a-z]+: "(?:[^"\\]|\\.)*"$/u;
/** A check without a tolerance of its own allows a unit of its last digit. */
const TOLERANCE = 1n;

const cents = (text: string): bigint => BigInt(text.replace('.', ''));
const size = (amount: bigint): bigint => (amount < 0n ? -amount : amount);

function directivesOf(text: string): readonly Directive[] {
  const found: Directive[] = [];
  for (const [line, content] of text.split('\n').entries()) {
    if (content === '' || content.startsWith(';') || content.startsWith('plugin "') || MEMBER.test(content)) continue;
    const posting = POSTING.exec(content);
    if (posting !== null) {
      const [, account = '', amount] = posting;
      found.at(-1)?.postings.push([account, amount === undefined ? null : cents(amount)]);
      continue;
    }
    const [, date = '', what = '', rest = ''] = HEAD.exec(content) ?? [];
    if (date === '') throw new Error(`no line of beancount: ${content}`);
    if (what === 'custom') continue;
    const kind = what === '*' ? 'txn' : what === 'pad' ? 'pad' : 'balance';
    const [account = '', other = '', amount = ''] = /^(\S+) +(\S+)(?: (\S+))?$/u.exec(rest)?.slice(1) ?? [];
    const postings: Directive['postings'] = [];
    if (kind === 'pad') postings.push([account, null], [other, null]);
    if (kind === 'balance') postings.push([account, cents(other)]);
    if (kind === 'balance' && amount !== 'USD') throw new Error(`no amount of USD: ${content}`);
    found.push({ date, line, kind, postings });
  }
  const order = { balance: 0, txn: 1, pad: 1 };
  return found.sort((a, b) => {
    if (a.date !== b.date) return a.date < b.date ? -1 : 1;
    return order[a.kind] === order[b.kind] ? a.line - b.line : order[a.kind] - order[b.kind];
  });
}

/** Reads a journal: transactions balance, a pad brings its account to the next check, checks hold. */
export function readBeancount(text: string): ReadBeancount {
  const sums = new Map<string, bigint>();
  const pads = new Map<string, { readonly from: string; used: boolean }>();
  const errors: string[] = [];
  let transactions = 0;
  const add = (account: string, amount: bigint): void => void sums.set(account, (sums.get(account) ?? 0n) + amount);
  for (const { date, kind, postings } of directivesOf(text)) {
    const [account, amount] = postings[0] ?? ['', null];
    if (kind === 'pad') pads.set(account, { from: postings[1]?.[0] ?? '', used: false });
    if (kind === 'balance' && amount !== null) {
      const difference = amount - (sums.get(account) ?? 0n);
      const pad = pads.get(account);
      if (pad?.used === false && size(difference) > TOLERANCE) {
        add(account, difference);
        add(pad.from, -difference);
        pad.used = true;
      } else if (pad?.used === false) errors.push(`${date} unused pad of ${account}`);
      pads.delete(account);
      if (size(amount - (sums.get(account) ?? 0n)) > TOLERANCE) errors.push(`${date} balance of ${account} failed`);
    }
    if (kind !== 'txn') continue;
    transactions += 1;
    const known = postings.reduce((sum, [, each]) => sum + (each ?? 0n), 0n);
    const open = postings.filter(([, each]) => each === null);
    if (open.length > 1 || (open.length === 0 && known !== 0n)) errors.push(`${date} does not balance`);
    for (const [name, each] of postings) add(name, each ?? -known);
  }
  for (const [account, { used }] of pads) if (!used) errors.push(`unused pad of ${account}`);
  const balances = [...sums].filter(([, sum]) => sum !== 0n);
  return {
    balances: Object.fromEntries(
      balances
        .map(([account, sum]): [string, bigint] => [/:(\d{4})(?:-[^:]*)?$/u.exec(account)?.[1] ?? account, sum])
        .sort(),
    ),
    errors,
    transactions,
  };
}
