import { SeededRandom } from '../../../src/kernel/random.js';

/** What goes wrong with a request, or with its answer. */
export type RequestFault =
  /** The connection is reset before the request has any effect. */
  | 'lose_request'
  /** The request is carried out, the connection is reset instead of an answer. */
  | 'lose_answer'
  /** The request is carried out, no answer ever comes. */
  | 'silent'
  | 'slow'
  | 'rate_limit'
  | 'server_error'
  | 'html'
  | 'garbage'
  /** The answer is one that was true before: a list without the newest, an order without its last fill. */
  | 'stale';

/** What goes wrong with a message that the broker sends of itself. */
export type FrameFault = 'drop' | 'repeat' | 'delay' | 'reorder' | 'disconnect';

export type WireFault = RequestFault | FrameFault;

interface Planned {
  readonly fault: WireFault;
  readonly matches: (what: string) => boolean;
  left: number;
}

const REQUEST_FAULTS: readonly RequestFault[] = [
  ...([
    'lose_request',
    'lose_answer',
    'silent',
    'slow',
    'rate_limit',
    'server_error',
    'html',
    'garbage',
    'stale',
  ] as const),
];
const FRAME_FAULTS: readonly FrameFault[] = ['drop', 'repeat', 'delay', 'reorder', 'disconnect'];

/** Every fault by its name. */
export const FAULTS: readonly WireFault[] = [...REQUEST_FAULTS, ...FRAME_FAULTS];

/** Chance of each fault, for each request or message. */
export type FaultRates = Readonly<Partial<Record<WireFault, number>>>;

/** Faults of the wire: planned by hand first, then by seed at their rates. Same seed and same calls: same faults. */
export class FaultPlan {
  readonly #random: SeededRandom;
  readonly #planned: Planned[] = [];
  /** What happened, in order, for the report of a failure. */
  readonly drawn: string[] = [];
  /** Fields and enum values that no document names are added to answers. */
  unknownFields = false;

  constructor(
    readonly seed = 1,
    public rates: FaultRates = {},
  ) {
    this.#random = SeededRandom.of('wire', seed);
  }

  /** Plans a fault for the next `times` requests or messages whose name contains or matches `what`. */
  next(fault: WireFault, what: string | RegExp = '', times = 1): void {
    const matches = (name: string): boolean => (typeof what === 'string' ? name.includes(what) : what.test(name));
    this.#planned.push({ fault, matches, left: times });
  }

  /** No more faults, neither planned nor by seed. */
  clear(): void {
    this.#planned.length = 0;
    this.rates = {};
    this.unknownFields = false;
  }

  /** The fault of a request such as `POST /v2/orders`. */
  request(name: string): RequestFault | undefined {
    return this.#draw(name, REQUEST_FAULTS);
  }

  /** The fault of a message such as `trade_updates fill`. */
  frame(name: string): FrameFault | undefined {
    return this.#draw(name, FRAME_FAULTS);
  }

  #draw<F extends WireFault>(name: string, faults: readonly F[]): F | undefined {
    const fault = this.#byHand(name, faults) ?? this.#bySeed(faults);
    if (fault !== undefined) this.drawn.push(`${fault} ${name}`);
    return fault;
  }

  #byHand<F extends WireFault>(name: string, faults: readonly F[]): F | undefined {
    const known: readonly WireFault[] = faults;
    const index = this.#planned.findIndex(({ fault, matches }) => known.includes(fault) && matches(name));
    const planned = this.#planned[index];
    if (planned === undefined) return undefined;
    planned.left -= 1;
    if (planned.left === 0) this.#planned.splice(index, 1);
    return faults.find((fault) => fault === planned.fault);
  }

  #bySeed<F extends WireFault>(faults: readonly F[]): F | undefined {
    const wanted = faults.filter((fault) => (this.rates[fault] ?? 0) > 0);
    if (wanted.length === 0) return undefined;
    let at = this.#random.next();
    for (const fault of wanted) {
      at -= this.rates[fault] ?? 0;
      if (at < 0) return fault;
    }
    return undefined;
  }
}
