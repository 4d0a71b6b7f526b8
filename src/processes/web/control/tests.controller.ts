import { Controller, Get, Inject, Post } from '@nestjs/common';
import { writeTestFlag } from '../../../adapters/flags/write-flag.js';
import { FLAG_TESTS, type FlagTest } from '../../../app/flags/flag.js';
import { JournalPages } from '../../../app/web-queries/journal-pages.js';
import type { Principal } from '../../../app/access/principal.js';
import { Needs, ServedIn } from '../common/access.js';
import { Answers } from '../common/answers.js';
import { Tag } from '../common/described.js';
import { PathInput } from '../common/input.js';
import { Me } from '../common/principal.js';
import type { TestsNow } from '../../ipc/messages.js';
import type { WebContext } from '../web-context.js';
import { WEB_CONTEXT } from '../tokens.js';
import { FlagAnswer } from './control.dto.js';
import { userName } from './user-names.js';
import { TestsAnswer } from './tests.dto.js';

const RUNS_SHOWN = 10;
const ANSWER_WITHIN_MS = 5_000;
const ALL = 'all';
const LABELS: Readonly<Record<FlagTest | typeof ALL, string>> = {
  all: 'All checks, then a whole session',
  main_bot: 'Main: starts and stops its processes',
  env_bot: 'Configuration: decryption and validity',
  backtest_engine: 'Same day twice, byte for byte',
  strategy_selfcheck: 'Self-checks of the strategies',
  logging_format: 'Format of the logs',
  broker_trade_stub: 'One trade at the simulated venue',
  screener_random: 'Screening rules on random markets',
  screener_integration: 'Screening within a session',
  ledger_schema: 'Tables and constraints of the ledger',
  coa_web_endpoints: 'Endpoints of the chart of accounts',
  coa_consistency: 'Chart of accounts against the ledger',
  integration: 'A whole session',
};
const TESTS = [ALL, ...FLAG_TESTS] as const;

/** Test mode (RUN-35, 36): the web sets a flag, main starts the run. */
@Tag('tests')
@Controller('api/tests')
@ServedIn('dashboard')
@Needs('test-mode')
export class TestsController {
  constructor(@Inject(WEB_CONTEXT) private readonly context: WebContext) {}

  @Get()
  @Answers(
    200,
    TestsAnswer,
    'Lists the available tests, the run that is under way, the queue, and the results of earlier runs.',
  )
  async tests(): Promise<TestsAnswer> {
    const runs = await new JournalPages(this.context.open().journal).testRuns(RUNS_SHOWN);
    const { running, waiting } = await this.context.ask<TestsNow>({ ask: 'tests' }, ANSWER_WITHIN_MS);
    return {
      running,
      waiting: waiting.map(this.#named),
      tests: TESTS.map((name) => ({ name, label: LABELS[name] })),
      runs: runs.map(this.#named),
    };
  }

  readonly #named = <T extends { readonly by: string | null }>(asked: T): T & { readonly byName: string | null } => ({
    ...asked,
    byName: asked.by === null ? null : userName(this.context, asked.by),
  });

  @Post(':test')
  @Answers(202, FlagAnswer, 'Requests a run in test mode: all checks, or one. Requests wait for each other.')
  run(
    @Me() me: Principal,
    @PathInput('test', new RegExp(`^(${TESTS.join('|')})$`), 'all, or a check') test: FlagTest | typeof ALL,
  ): FlagAnswer {
    const { base, clock } = this.context;
    const by = { by: me.userId, key: this.context.flagKey };
    return { flag: writeTestFlag(test, { control: base.control, clock, ...by }), look: '/api/tests' };
  }
}
