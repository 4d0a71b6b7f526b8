import type { FeedChoice } from '../../composition/market-source.js';
import type { SteadyClock } from '../../adapters/clock/steady-clock.js';
import type { Log } from '../../adapters/telemetry/telemetry.js';
import type { RestartPolicy } from '../../domain/supervision/restart-policy.js';
import type { BasePaths } from '../../domain/home/home-paths.js';
import type { Clock } from '../../kernel/time.js';
import type { TimeScale } from '../ipc/messages.js';
import type { Programs } from './programs.js';
import type { WebChoice } from './web-address.js';

export interface MainOptions {
  readonly base: BasePaths;
  /** The folder of the program. */
  readonly root: string;
  readonly versionTag: string;
  /** Version of the Node that runs main and its children, such as 24.21.0. */
  readonly nodeVersion: string;
  readonly pid: number;
  /** Time of the bot's world. */
  readonly clock: Clock;
  /** The machine's clock. */
  readonly wall: Clock;
  /** The machine's time that `clock` is made of. */
  readonly steady: SteadyClock;
  readonly timeScale: TimeScale | null;
  readonly feed?: FeedChoice | undefined;
  readonly masterKeyFile: string | null;
  readonly web: WebChoice;
  readonly programs: Programs;
  readonly logs: { readonly main: Log; readonly heartbeat: Log };
  /** A line for the person at the terminal, and for journald. */
  readonly notice: (line: string) => void;
  /** Called when the state of the bot changes. */
  readonly onState?: (state: string) => void;
  /** How the terminal of a bot that continues was lost; undefined while it was not. */
  readonly terminalLost: () => string | undefined;
  readonly policy?: RestartPolicy | undefined;
  readonly timing?: Partial<MainTiming> | undefined;
}

export interface MainTiming {
  /** SIGTERM to SIGKILL of the engine, then of projector and web. Milliseconds. */
  readonly engineStopMs: number;
  readonly othersStopMs: number;
  /** Interval of retries for a projector or web that was given up or cannot continue. */
  readonly tryAgainMs: number;
  /** How long a stop or start may take until the flag counts as handed over. */
  readonly outcomeMs: number;
  /** Quiet time before keys are rotated, so that several changes make one rotation. */
  readonly rotateMs: number;
  /** A check of test mode that takes longer hangs. */
  readonly testCheckMs: number;
  /** How long the start waits for keys to be wrapped by a new master key. */
  readonly wrapMs: number;
}

export const MAIN_TIMING: MainTiming = {
  engineStopMs: 15_000,
  othersStopMs: 7_000,
  tryAgainMs: 60_000,
  outcomeMs: 15_000,
  rotateMs: 250,
  testCheckMs: 600_000,
  wrapMs: 10_000,
};
