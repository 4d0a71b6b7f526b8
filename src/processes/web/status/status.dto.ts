import { BOT_STAGES, type BotStage } from '../../../domain/lifecycle/bot-state.js';
import { AnyField, ChoiceField, FlagField, PartField, PartsField, TextField, WholeField } from '../common/fields.js';

export class StateAnswer {
  @TextField({ description: 'State of the bot (RUN-10).', max: 40, example: 'idle' })
  state!: string;

  @ChoiceField(Object.keys(BOT_STAGES), {
    description: 'Part of its life that the state belongs to.',
    example: 'active',
  })
  stage!: BotStage;

  @FlagField({ description: 'Whether orders reach no market; null before the set-up.', nullable: true })
  simulated!: boolean | null;
}

export class HealthAnswer {
  @ChoiceField(['ok', 'degraded'], { description: 'degraded: a process is down or the bot is in error.' })
  health!: 'ok' | 'degraded';
}

class ConditionAnswer {
  @TextField({ description: 'Code, for programs.', max: 60 })
  code!: string;

  @ChoiceField(['Warning', 'Critical'], { description: 'How bad it is.' })
  severity!: 'Warning' | 'Critical';

  @TextField({ description: 'What is the case.', max: 2_000 })
  text!: string;

  @TextField({ description: 'What a person can do.', max: 2_000 })
  remedy!: string;
}

export class ConditionsAnswer {
  @ChoiceField(['OK', 'Warning', 'Critical'], { description: 'Severity of the worst condition.' })
  overall!: 'OK' | 'Warning' | 'Critical';

  @PartsField(() => ConditionAnswer, {
    description: 'Everything that keeps the bot from being OK, worst first.',
    max: 500,
  })
  conditions!: readonly ConditionAnswer[];
}

class ClockAnswer {
  @TextField({ description: 'Time of the bot, UTC.', max: 30, example: '2026-01-06T15:30:00.000Z' })
  utc!: string;

  @TextField({ description: 'The same in words, in New York and in UTC.', max: 120 })
  text!: string;

  @TextField({ description: 'How many times faster than the clock of the machine it goes.', max: 20, example: '60' })
  speed!: string;

  @TextField({ description: 'Time of the machine, UTC.', max: 30 })
  machine!: string;
}

class NextSessionAnswer {
  @TextField({ description: 'The session that is open or ahead, in words.', max: 400 })
  text!: string;

  @TextField({ description: 'Its date; null when none is in sight.', max: 10, nullable: true })
  date!: string | null;

  @TextField({ description: 'Its open, UTC.', max: 30, nullable: true })
  opensAt!: string | null;

  @TextField({ description: 'Its close, UTC.', max: 30, nullable: true })
  closesAt!: string | null;
}

class NotTradingAnswer {
  @TextField({ description: 'Code, for programs.', max: 60 })
  code!: string;

  @TextField({ description: 'Why no position is opened now.', max: 2_000 })
  text!: string;

  @TextField({ description: 'What a person can do.', max: 2_000 })
  remedy!: string;
}

const MOST = 1_000_000_000;
const MOST_POSITIONS = 10_000;

class BrokerAccountAnswer {
  @TextField({ description: 'simulator, emulator, paper, live or unknown, which is treated as live.', max: 20 })
  kind!: string;

  @TextField({ description: 'The account in words.', max: 700 })
  text!: string;
}

class MarketDataAnswer {
  @TextField({ description: 'connected, lost or ended.', max: 20 })
  state!: string;

  @TextField({ description: 'Why it is not connected.', min: 0, max: 300 })
  reason!: string;

  @WholeField({ description: 'Seconds since the last data; null before the first.', max: MOST, nullable: true })
  ageSeconds!: number | null;

  @TextField({ description: 'All of it in words.', max: 700 })
  text!: string;
}

class ClosingAnswer {
  @TextField({ description: 'Since when; null while it is not known.', max: 30, nullable: true })
  since!: string | null;

  @WholeField({ description: 'Orders that are still open.', max: MOST })
  ordersLeft!: number;

  @WholeField({ description: 'Positions that are still open.', max: MOST })
  positionsLeft!: number;

  @WholeField({
    description: 'Seconds that the limit of the broker adds; null without one.',
    max: MOST,
    nullable: true,
  })
  expectedSeconds!: number | null;

  @TextField({ description: 'All of it in words.', max: 700 })
  text!: string;
}

export class BriefingAnswer {
  @TextField({ description: 'Identity of the bot; null before the set-up.', max: 120, nullable: true })
  identity!: string | null;

  @FlagField({ description: 'Whether orders reach no market; null before the set-up.', nullable: true })
  simulated!: boolean | null;

  @PartField(() => ClockAnswer, {
    description: 'Its time; null while the main process does not answer.',
    nullable: true,
  })
  clock!: object | null;

  @PartField(() => NextSessionAnswer, { description: 'When it trades next.' })
  nextSession!: object;

  @PartField(() => BrokerAccountAnswer, {
    description: 'Whose money orders move; null before the first start.',
    nullable: true,
  })
  account!: object | null;

  @PartField(() => MarketDataAnswer, { description: 'Market data of the session; null without one.', nullable: true })
  marketData!: object | null;

  @PartField(() => ClosingAnswer, {
    description: 'How far a stop or kill is; null while nothing is being closed.',
    nullable: true,
  })
  closing!: object | null;

  @PartsField(() => NotTradingAnswer, {
    description: 'Why no position is opened now, most important first; empty while entries are possible.',
    max: 500,
  })
  notTrading!: readonly object[];
}

export class StatusQueryInput {
  @TextField({
    description: 'A position of the journal: the status as it was there. Left out: now.',
    max: 60,
    optional: true,
    example: '412',
  })
  asof?: string;
}

/** The members that are always there; the schema of the file has them all. */
export class StatusAnswer {
  @AnyField({ description: 'Last event that the file shows.' })
  as_of!: object;

  @AnyField({ description: 'OK, Warning or Critical, with reasons.' })
  overall!: object;
}

class LimitUsedAnswer {
  @TextField({ description: 'DAILY_LOSS_LIMIT, SESSION_CAP or MAX_OPEN_POSITIONS.', max: 40 })
  code!: string;

  @TextField({ description: 'What is used: dollars, or a count.', max: 40 })
  used!: string;

  @TextField({ description: 'The limit in the same unit.', max: 40 })
  limit!: string;

  @TextField({ description: 'dollars or count.', max: 10 })
  unit!: string;

  @TextField({ description: 'Used of the limit, 0 and more; null when the limit is zero.', max: 40, nullable: true })
  share!: string | null;
}

class StopDistanceAnswer {
  @TextField({ description: 'Symbol of the position.', max: 40 })
  symbol!: string;

  @TextField({ description: 'Dollars a share from the last price to the stop; below zero when past it.', max: 40 })
  distance!: string;

  @TextField({ description: 'The same of the last price, such as 0.0123.', max: 40 })
  share!: string;

  @TextField({ description: 'Dollars lost from the last price when the stop fills at its price.', max: 40 })
  loss!: string;
}

export class RiskAnswer {
  @PartsField(() => LimitUsedAnswer, { description: 'Limits in use.', max: 10 })
  limits!: readonly LimitUsedAnswer[];

  @PartsField(() => StopDistanceAnswer, { description: 'Open positions with a stop and a price.', max: MOST_POSITIONS })
  stops!: readonly StopDistanceAnswer[];

  @TextField({
    description: 'Dollars lost when every stop fills at its price; null without one.',
    max: 40,
    nullable: true,
  })
  lossAtStops!: string | null;
}
