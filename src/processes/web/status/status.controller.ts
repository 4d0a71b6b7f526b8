import { readFile } from 'node:fs/promises';
import { Controller, Get, Inject } from '@nestjs/common';
import { riskUsed, type RiskStatus } from '../../../app/web-queries/risk-used.js';
import type { Condition } from '../../../domain/conditions/condition.js';
import { TradeBotError } from '../../../kernel/errors.js';
import type { HealthNow } from '../../ipc/messages.js';
import { BOT_STATES } from '../../../domain/lifecycle/bot-state.js';
import { Needs, Public, ServedIn } from '../common/access.js';
import { Answers } from '../common/answers.js';
import { Tag } from '../common/described.js';
import { QueryInput } from '../common/input.js';
import { MadeOfOnly } from '../common/kept-answers.js';
import { Problem } from '../common/problem.js';
import { systemErrorCode } from '../../../adapters/files/system-error.js';
import type { WebContext } from '../web-context.js';
import { WEB_CONTEXT } from '../tokens.js';
import type { HealthProbe } from './health-probe.js';
import { PastStatus } from './past-status.js';
import {
  BriefingAnswer,
  ConditionsAnswer,
  HealthAnswer,
  RiskAnswer,
  StateAnswer,
  StatusAnswer,
  StatusQueryInput,
} from './status.dto.js';
import { HEALTH_PROBE } from './tokens.js';

const ANSWER_WITHIN_MS = 3_000;
const NO_TIMES = { date: null, opensAt: null, closesAt: null };

@Tag('status')
@Controller('api')
export class StatusController {
  readonly #past = new PastStatus();

  constructor(
    @Inject(WEB_CONTEXT) private readonly context: WebContext,
    @Inject(HEALTH_PROBE) private readonly probe: HealthProbe,
  ) {}

  @Get('state')
  @ServedIn('always')
  @Public('pages choose by it what to show before anybody is logged in')
  @Answers(200, StateAnswer, 'The state of the bot.')
  state(): StateAnswer {
    const { state, simulated } = this.context;
    return { state, stage: BOT_STATES[state].stage, simulated };
  }

  @Get('health')
  @ServedIn('always')
  @Public('one word for watchers from outside')
  @Answers(200, HealthAnswer, 'Whether everything runs.')
  async health(): Promise<HealthAnswer> {
    return { health: await this.probe.health() };
  }

  @Get('conditions')
  @ServedIn('dashboard')
  @Needs('read')
  @Answers(200, ConditionsAnswer, 'Returns how the bot stands now: each condition with its severity and remedy.')
  async conditions(): Promise<ConditionsAnswer> {
    try {
      const { overall, conditions } = await this.context.ask<HealthNow>({ ask: 'conditions' }, ANSWER_WITHIN_MS);
      return { overall, conditions };
    } catch (error) {
      if (!(error instanceof TradeBotError)) throw error;
      return { overall: 'Critical', conditions: [mainSilent(error)] };
    }
  }

  @Get('now')
  @ServedIn('dashboard')
  @Needs('read')
  @Answers(200, BriefingAnswer, 'Returns which bot this is, its time, its next session, and why it does not trade now.')
  async now(): Promise<BriefingAnswer> {
    try {
      return (await this.context.ask<HealthNow>({ ask: 'conditions' }, ANSWER_WITHIN_MS)).briefing;
    } catch (error) {
      if (!(error instanceof TradeBotError)) throw error;
      const { identity } = this.context.open();
      const nextSession = { ...NO_TIMES, text: 'not known: the main process does not answer' };
      const unknown = { clock: null, account: null, marketData: null, closing: null };
      return { identity, simulated: this.context.simulated, ...unknown, nextSession, notTrading: [mainSilent(error)] };
    }
  }

  @Get('status')
  @MadeOfOnly('status file')
  @ServedIn('dashboard')
  @Needs('read')
  @Answers(
    200,
    StatusAnswer,
    'The status file, now or at a past position: event-schemas/outputs/status.v1.json describes it.',
  )
  async status(@QueryInput(StatusQueryInput) { asof }: StatusQueryInput): Promise<object> {
    return this.#status(asof);
  }

  @Get('risk')
  @ServedIn('dashboard')
  @Needs('read')
  @Answers(200, RiskAnswer, 'Returns how much of each limit is used, and how far each position is from its stop.')
  async risk(@QueryInput(StatusQueryInput) { asof }: StatusQueryInput): Promise<RiskAnswer> {
    return riskUsed((await this.#status(asof)) as RiskStatus);
  }

  async #status(asof: string | undefined): Promise<object> {
    if (asof !== undefined) return JSON.parse(await this.#past.at(this.context.open(), asof)) as object;
    try {
      return JSON.parse(await readFile(this.context.open().paths.output.statusJson, 'utf8')) as object;
    } catch (error) {
      if (systemErrorCode(error) === 'ENOENT') throw noStatus();
      throw error;
    }
  }
}

/** The pages live while main does not answer: everything else on them may be old. */
function mainSilent(error: TradeBotError): Condition {
  return {
    code: 'MAIN_SILENT',
    severity: 'Critical',
    text: `the main process does not answer: ${error.message}`,
    remedy:
      'What is shown may be old. End TradeBot and start it again; a kill flag is obeyed by the engine all the same.',
  };
}

function noStatus(): Problem {
  return new Problem({
    status: 404,
    code: 'NO_STATUS_YET',
    detail: 'There is no status yet.',
    remedy: 'Wait until the projector has started; it is among the processes of the overview.',
    script: 'GET /api/processes shows its state.',
  });
}
