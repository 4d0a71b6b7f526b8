/**
 * Child of the tests with several processes. `write <path> <who> <events>` appends, `follow <path> <events>` subscribes
 * from the start until it has seen so many, `read <path> <events>` reads pages again and again until the head is there.
 * Each checks what it can see and says one JSON object when it is done.
 */
import { firstValueFrom, take, tap, toArray } from 'rxjs';
import { SystemClock } from '../../../src/adapters/clock/system-clock.js';
import { SqliteJournal } from '../../../src/adapters/journal-sqlite/sqlite-journal.js';
import { streamName, type Position, type RecordedEvent } from '../../../src/events/event.js';
import { reset } from './journal-events.js';

const [role = '', path = '', ...rest] = process.argv.slice(2);
const journal = SqliteJournal.open({ path, clock: new SystemClock(), busyTimeoutMs: 60_000 });
const ANY = { expectedRevision: 'any' } as const;
const BATCH = 10;
const CALLERS = 50;

/** Many callers at once: every fifth batch goes to a stream that both writers share, the others to one of their own. */
async function write(who: string, events: number): Promise<object> {
  let written = 0;
  while (written < events) {
    const calls = Array.from({ length: Math.min(CALLERS, Math.ceil((events - written) / BATCH)) }, (_, call) => {
      const first = written + call * BATCH;
      const size = Math.min(BATCH, events - first);
      const batch = Array.from({ length: size }, (__, n) => reset(`${who}-${first + n}`));
      const stream = call % 5 === 0 ? streamName('shared', '1') : streamName(who, String(call));
      return journal.append(stream, batch, ANY);
    });
    for (const answer of await Promise.all(calls)) written += answer.events.length;
  }
  return { written };
}

/** Faults in what was seen, in the order in which it was seen. */
class Order {
  readonly #revisions = new Map<string, number>();
  readonly #ids = new Set<string>();
  #position: number;
  faults = 0;

  constructor(after = 0) {
    this.#position = after;
  }

  see(event: RecordedEvent): void {
    const position = Number(event.position);
    const before = this.#revisions.get(event.stream);
    const inOrder = position === this.#position + 1 && (before === undefined || event.revision === before + 1);
    if (!inOrder || this.#ids.has(event.id)) this.faults += 1;
    this.#position = position;
    this.#revisions.set(event.stream, event.revision);
    this.#ids.add(event.id);
  }

  get ids(): number {
    return this.#ids.size;
  }
}

async function follow(events: number): Promise<object> {
  const order = new Order();
  const seen = journal.subscribe().pipe(
    take(events),
    tap((event) => {
      order.see(event);
    }),
    toArray(),
  );
  const all = await firstValueFrom(seen);
  return { seen: all.length, ids: order.ids, faults: order.faults, last: all.at(-1)?.hash };
}

async function read(events: number): Promise<object> {
  let faults = 0;
  let rounds = 0;
  for (let head = 0; head < events; head = (await journal.head())?.count ?? 0) {
    const after = Math.floor(head / 2);
    const order = new Order(after);
    const from = { after: String(after).padStart(16, '0') as Position };
    for (const event of await journal.readAll({ limit: 500, ...from })) order.see(event);
    faults += order.faults;
    rounds += 1;
  }
  return { rounds, faults };
}

const done =
  role === 'write'
    ? write(rest[0] ?? '', Number(rest[1]))
    : role === 'follow'
      ? follow(Number(rest[0]))
      : read(Number(rest[0]));
process.stdout.write(JSON.stringify(await done));
await journal.close();
