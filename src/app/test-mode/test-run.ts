import { withoutCredentials } from '../../kernel/credentials.js';
import type { EventData } from '../../events/event.js';
import { classify } from '../errors/classify.js';
import { leftOut } from './left-out.js';
import { STREAMS } from '../../events/streams.js';
import type { EventAppender } from '../journal/event-appender.js';

export type TestResult = EventData<'TestRunEnded'>['results'][number];
/** One named test of RUN-36, with any number of results. A runner that throws has failed. */
export type TestRunner = () => Promise<readonly TestResult[]>;

export interface TestModeOptions {
  readonly runId: string;
  /** The run that this check is a part of; `runId` when it is a run of its own. */
  readonly partOf: string;
  /** The name of one check. */
  readonly test: string;
  /** User id; null when a person touched the flag. */
  readonly by: string | null;
  readonly tests: ReadonlyMap<string, TestRunner>;
  /** Of the real journal: only start and end are recorded there. */
  readonly appender: Pick<EventAppender, 'append'>;
  readonly log: (line: string) => void;
}

export interface TestOutcome {
  readonly runId: string;
  readonly ok: boolean;
  readonly results: readonly TestResult[];
}

const LONGEST_DETAIL = 500;

/**
 * A run in test mode (RUN-35): journaled at its start and, in any case, at its end. Entries of the live bot wait in
 * between. If its process crashes, main writes the end.
 */
export async function runTestMode(options: TestModeOptions): Promise<TestOutcome> {
  const { runId, test, by, partOf, appender, log } = options;
  await record(appender, partOf, { type: 'TestRunStarted', data: { runId, test, by } });
  log(`TEST_MODE ${runId}: ${test} started`);
  const results = await resultsOf(options);
  for (const { check, ok, detail } of results) log(`TEST_MODE ${runId}: ${check}: ${ok ? 'ok' : 'FAILED'}: ${detail}`);
  const ok = results.length > 0 && results.every((result) => result.ok);
  await record(appender, partOf, { type: 'TestRunEnded', data: { runId, test, ok, results: [...results] } });
  log(`TEST_MODE ${runId}: ${test} finished, ${ok ? 'all passed' : 'not all passed'}`);
  return { runId, ok, results };
}

async function resultsOf({ test, tests }: TestModeOptions): Promise<readonly TestResult[]> {
  const left = leftOut(test);
  if (left !== undefined) return [left];
  const run = tests.get(test);
  if (run === undefined)
    return [{ check: test, ok: false, detail: `unknown test; the tests are ${[...tests.keys()].join(', ')}` }];
  try {
    const results = await run();
    return results.map((result) => ({ ...result, detail: withoutCredentials(result.detail, LONGEST_DETAIL) }));
  } catch (error) {
    const { errorCode, message } = classify(error);
    return [{ check: test, ok: false, detail: `${errorCode}: ${message}`.slice(0, LONGEST_DETAIL) }];
  }
}

async function record(
  appender: Pick<EventAppender, 'append'>,
  partOf: string,
  draft:
    | { readonly type: 'TestRunStarted'; readonly data: EventData<'TestRunStarted'> }
    | { readonly type: 'TestRunEnded'; readonly data: EventData<'TestRunEnded'> },
): Promise<void> {
  await appender.append(STREAMS.processes, [{ ...draft, correlationId: partOf, causationId: null }]);
}
