import type { SeededRandom } from '../../kernel/random.js';
import type { Personality } from './personality.js';

/** A session in minutes after the open, with the windows of its events. */
export interface SessionShape {
  readonly minutes: number;
  /** The slow part, in which the path is drawn to the day's close. */
  readonly slowFrom: number;
  readonly slowTo: number;
}

/** The effect of an event on one minute: drift (share of the price), damping of the walk, and extra volume. */
export interface MinutePush {
  readonly drift: number;
  readonly calm: number;
  readonly heat: number;
}

const QUIET: MinutePush = { drift: 0, calm: 1, heat: 1 };
const RANGE_ENDS = 20;
const CALM_FROM = 95;
const STRETCH_AT = 165;
const FROM_THE_END = 30;
const LONGEST_SESSION_WITH_NOON = 300;

/** A move in progress: a rate per minute until an end minute. */
interface Leg {
  readonly until: number;
  readonly drift: number;
  readonly heat: number;
}

/**
 * The events of a day: a breakout from the first twenty minutes, a stretch away from the day's mean at noon after a
 * calm hour, a run or a spike into the close. Each happens with its probability, and then continues or fails.
 */
export class DayEvents {
  private readonly breaksOut: boolean;
  private readonly stretches: boolean;
  private readonly closing: 'run' | 'spike' | 'none';
  private legs: readonly Leg[] = [];
  private high = -Infinity;
  private low = Infinity;
  private sum = 0;
  private anchor = 0;

  constructor(
    personality: Personality,
    private readonly shape: SessionShape,
    private readonly random: SeededRandom,
  ) {
    this.breaksOut = random.chance(personality.breakout);
    this.stretches = random.chance(personality.stretch) && shape.minutes > LONGEST_SESSION_WITH_NOON;
    const runs = random.chance(personality.closingRun);
    const spikes = random.chance(0.12);
    this.closing = runs ? 'run' : spikes ? 'spike' : 'none';
  }

  /** `mid` is the mid price at the start of the minute. */
  minute(minute: number, mid: number): MinutePush {
    this.sum += mid;
    if (minute <= RANGE_ENDS) {
      this.high = Math.max(this.high, mid);
      this.low = Math.min(this.low, mid);
    }
    const mean = this.sum / (minute + 1);
    if (minute === RANGE_ENDS + 1 && this.breaksOut) this.legs = this.breakoutLegs(minute, mid);
    if (minute === STRETCH_AT && this.stretches) this.legs = this.stretchLegs(minute, mid, mean);
    if (minute === this.shape.minutes - FROM_THE_END) this.legs = this.closingLegs(minute, mid >= mean ? 1 : -1);
    const leg = this.legs.find(({ until }) => minute < until);
    if (leg !== undefined) return { drift: leg.drift, calm: 1, heat: leg.heat };
    return this.stretches ? this.calmBefore(minute, mid) : QUIET;
  }

  /** The hour before a stretch is calm and oscillates around one price, so that no trend remains in it. */
  private calmBefore(minute: number, mid: number): MinutePush {
    if (minute < CALM_FROM || minute >= STRETCH_AT) return QUIET;
    if (minute === CALM_FROM) this.anchor = mid;
    return { drift: 0.2 * (this.anchor / mid - 1), calm: 0.55, heat: 0.8 };
  }

  private breakoutLegs(minute: number, mid: number): Leg[] {
    const { random } = this;
    const up = random.chance(mid - this.low > this.high - mid ? 0.8 : 0.2);
    const goal = up ? this.high * (1 + random.between(0.003, 0.007)) : this.low * (1 - random.between(0.003, 0.007));
    const takes = random.integer(3, 6);
    const drift = (goal / mid - 1) / takes;
    const onward = random.between(0.0002, 0.0005) * (up ? 1 : -1) * (random.chance(0.65) ? 1 : -1);
    return [
      { until: minute + takes, drift, heat: 2.6 },
      { until: minute + takes + random.integer(20, 60), drift: onward, heat: 1.3 },
    ];
  }

  private stretchLegs(minute: number, mid: number, mean: number): Leg[] {
    const { random } = this;
    const away = mid / mean - 1;
    const sign = away >= 0 ? 1 : -1;
    const distance = Math.max(random.between(0.008, 0.013), sign * away + random.between(0.004, 0.008));
    const goal = mean * (1 + sign * distance);
    const takes = random.integer(2, 4);
    const returns = random.chance(0.68);
    const back = random.integer(30, 80);
    const after = returns ? (mean / goal - 1) / back : sign * random.between(0.0001, 0.0002);
    return [
      { until: minute + takes, drift: (goal / mid - 1) / takes, heat: 2.4 },
      { until: minute + takes + random.integer(2, 6), drift: 0, heat: 1.2 },
      { until: minute + takes + back, drift: after, heat: 1.1 },
    ];
  }

  private closingLegs(minute: number, sign: 1 | -1): Leg[] {
    const { random } = this;
    if (this.closing === 'none') return [];
    if (this.closing === 'spike') {
      const size = sign * random.between(0.006, 0.012);
      const at = minute + 5 + random.integer(0, 3);
      return [
        { until: at, drift: 0, heat: 1 },
        { until: at + 1, drift: size, heat: 3 },
        { until: at + 16, drift: (-0.6 * size) / 15, heat: 1.2 },
      ];
    }
    const strength = sign * random.between(0.0004, 0.0009);
    return [
      { until: minute + random.integer(9, 22), drift: strength, heat: 1.6 },
      { until: this.shape.minutes, drift: strength * (random.chance(0.6) ? 0.3 : -0.3), heat: 1.2 },
    ];
  }
}
