import { fork, type ChildProcess } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = dirname(fileURLToPath(import.meta.url));
const PLAYER = join(HERE, 'player.ts');
const LOADER = join(HERE, '../../../unit/support/typescript-loader.mjs');

/** Seeds that a process gets at once. */
const PORTION = 50;
const PRINT_MS = 10_000;
/** A session takes milliseconds; one that takes so long does not end. */
const SESSION_MS = 300_000;
const ENOUGH_FAILURES = 20;
const GOAL_A_CORE_MINUTE = 1_000;

/** Seeds `from` to `to`, both included. */
export interface SeedRange {
  readonly from: number;
  readonly to: number;
}

/** What a process that plays seeds says. */
export type PlayerNews =
  | { readonly kind: 'plays'; readonly seed: number; readonly cpuMs: number }
  | { readonly kind: 'failed'; readonly failure: string }
  | { readonly kind: 'done'; readonly cpuMs: number };

/** What a run did. */
export interface Result {
  readonly played: number;
  readonly cpuMs: number;
  readonly failures: readonly string[];
  /** The first seed that was not played; every one before it was. */
  readonly next: number;
}

export interface PlayOptions extends SeedRange {
  readonly workers: number;
  readonly print: (text: string) => void;
  /** Milliseconds after which a session counts as one that does not end. */
  readonly sessionMs?: number;
  /** Another program than the one that plays seeds. */
  readonly player?: string;
}

interface Player {
  readonly process: ChildProcess;
  readonly cpuMs: number;
  /** What it has to play; undefined while it waits for seeds. */
  readonly portion: SeedRange | undefined;
  readonly seed: number;
  readonly since: number;
}

/**
 * Plays all seeds on several processes, and prints rate and failures as they come. A session that never ends is a failure like others: its
 * process is replaced, and the seeds after it are played.
 */
export class SeedPlay {
  readonly #failures: string[] = [];
  readonly #players = new Map<number, Player>();
  /** Portions that a process left when it ended. */
  readonly #left: SeedRange[] = [];
  #next: number;
  #played = 0;
  #cpuOfEnded = 0;
  readonly #beganAt = performance.now();
  #ended: (() => void) | undefined;

  constructor(private readonly options: PlayOptions) {
    this.#next = options.from;
  }

  /** Resolves when all seeds are played, `stop` was called, or there are enough failures. */
  async run(): Promise<Result> {
    const { workers } = this.options;
    const ended = new Promise<void>((resolve) => (this.#ended = resolve));
    for (let number = 0; number < workers; number += 1) this.#start(number);
    const printing = setInterval(() => this.#look(), Math.min(PRINT_MS, this.#sessionMs));
    await ended;
    clearInterval(printing);
    const result = { played: this.#played, cpuMs: this.#cpuMs, failures: this.#failures, next: this.#firstUnplayed };
    const players = [...this.#players.values()];
    // their ends are no news any more
    this.#players.clear();
    for (const { process } of players) process.kill('SIGKILL');
    return result;
  }

  /** Ends the run before all seeds are played. */
  stop(): void {
    this.#ended?.();
  }

  get #sessionMs(): number {
    return this.options.sessionMs ?? SESSION_MS;
  }

  get #cpuMs(): number {
    return [...this.#players.values()].reduce((sum, { cpuMs }) => sum + cpuMs, this.#cpuOfEnded);
  }

  get #firstUnplayed(): number {
    const begun = [...this.#players.values()].flatMap(({ portion, seed }) => (portion === undefined ? [] : [seed]));
    return Math.min(this.#next, ...begun, ...this.#left.map(({ from }) => from));
  }

  #start(number: number): void {
    const { player = PLAYER } = this.options;
    const process = fork(player, { execArgv: ['--import', LOADER, '--max-semi-space-size=32'] });
    this.#players.set(number, { process, cpuMs: 0, portion: undefined, seed: 0, since: performance.now() });
    process.on('message', (news) => this.#hear(number, news as PlayerNews));
    process.on('exit', (code, signal) => this.#replace(number, `the process ended with ${signal ?? code}`));
  }

  #hear(number: number, news: PlayerNews): void {
    const player = this.#players.get(number);
    if (player === undefined) return;
    if (news.kind === 'failed') {
      this.#fail(news.failure);
      return;
    }
    const { cpuMs } = news;
    const { portion } = player;
    const isNext = portion !== undefined && (news.kind === 'done' || news.seed > portion.from);
    if (isNext) this.#played += 1;
    const updated = { ...player, cpuMs, since: performance.now() };
    if (news.kind === 'plays') this.#players.set(number, { ...updated, seed: news.seed });
    else this.#give(number, updated);
  }

  #give(number: number, player: Player): void {
    const portion = this.#portion();
    this.#players.set(number, { ...player, portion, seed: portion?.from ?? 0 });
    if (portion !== undefined) player.process.send(portion);
    else if ([...this.#players.values()].every((one) => one.portion === undefined)) this.stop();
  }

  #portion(): SeedRange | undefined {
    const left = this.#left.shift();
    if (left !== undefined) return left;
    const from = this.#next;
    const to = Math.min(from + PORTION - 1, this.options.to);
    if (from > to) return undefined;
    this.#next = to + 1;
    return { from, to };
  }

  /** A process that ended without being asked; the session that it played counts as played, and as a failure. */
  #replace(number: number, why: string): void {
    const player = this.#players.get(number);
    if (player === undefined) return;
    this.#players.delete(number);
    this.#cpuOfEnded += player.cpuMs;
    const { portion, seed } = player;
    if (portion === undefined) {
      this.#fail(why);
      this.stop();
      return;
    }
    this.#played += 1;
    if (seed < portion.to) this.#left.push({ from: seed + 1, to: portion.to });
    this.#fail(`seed=${seed}\n  ${why}`);
    this.#start(number);
  }

  #fail(failure: string): void {
    this.#failures.push(failure);
    const seed = /^seed=(\d+)/.exec(failure)?.[1];
    const again = seed === undefined ? '' : `\n  again: npm run soak -- hostile --from ${seed} --count 1`;
    this.options.print(`${failure}${again}`);
    if (this.#failures.length >= ENOUGH_FAILURES) this.stop();
  }

  #look(): void {
    for (const { process, portion, since } of this.#players.values()) {
      if (portion !== undefined && performance.now() - since > this.#sessionMs) process.kill('SIGKILL');
    }
    this.options.print(this.#progress());
  }

  #progress(): string {
    const { from, to } = this.options;
    const all = to - from + 1;
    const minutes = (performance.now() - this.#beganAt) / 60_000;
    const left =
      this.#played === 0 ? '' : `, about ${Math.ceil((minutes * (all - this.#played)) / this.#played)} min to go`;
    return `${this.#played} of ${all} sessions, ${summaryOf({ played: this.#played, cpuMs: this.#cpuMs })}${left}`;
  }
}

/** Rate and processor time of a run, in words. */
export function summaryOf({ played, cpuMs }: Pick<Result, 'played' | 'cpuMs'>): string {
  const perMinute = Math.round((60_000 * played) / Math.max(1, cpuMs));
  // a machine that other programs load is slow: that is no fault of the bot
  const warning = perMinute < GOAL_A_CORE_MINUTE ? `, below the goal of ${GOAL_A_CORE_MINUTE}` : '';
  return `${perMinute} a core-minute${warning}, ${(cpuMs / 1000).toFixed(0)} s of processor time`;
}
