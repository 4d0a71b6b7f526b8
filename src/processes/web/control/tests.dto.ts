import { FlagField, PartField, PartsField, TextField, WholeField } from '../common/fields.js';

class TestAnswer {
  @TextField({ description: 'Name in POST /api/tests/{test}.', max: 60 })
  name!: string;

  @TextField({ description: 'Description.', max: 200 })
  label!: string;
}

class TestResultAnswer {
  @TextField({ description: 'The check.', max: 100 })
  check!: string;

  @FlagField({ description: 'Whether it passed.' })
  ok!: boolean;

  @TextField({ description: 'Details.', min: 0, max: 2_000 })
  detail!: string;
}

class TestRunAnswer {
  @TextField({ description: 'The run.', max: 100 })
  runId!: string;

  @TextField({ description: 'all, or the one check.', max: 60 })
  test!: string;

  @TextField({ description: 'User id; null when the flag was created by hand.', max: 100, nullable: true })
  by!: string | null;

  @TextField({ description: 'Name of the user; null when the flag was created by hand.', max: 100, nullable: true })
  byName!: string | null;

  @TextField({ description: 'UTC.', max: 30 })
  startedAt!: string;

  @TextField({ description: 'UTC; null while it runs.', max: 30, nullable: true })
  endedAt!: string | null;

  @FlagField({ description: 'Whether everything passed; null while it runs.', nullable: true })
  ok!: boolean | null;

  @PartsField(() => TestResultAnswer, { description: 'One result per check.', max: 500 })
  results!: readonly TestResultAnswer[];
}

class TestWaitingAnswer {
  @TextField({ description: 'all, or the one check.', max: 60 })
  test!: string;

  @TextField({ description: 'User id; null when the flag was created by hand.', max: 100, nullable: true })
  by!: string | null;

  @TextField({ description: 'Name of the user; null when the flag was created by hand.', max: 100, nullable: true })
  byName!: string | null;

  @TextField({ description: 'When the flag was set. UTC.', max: 30 })
  askedAt!: string;
}

class TestRunningAnswer {
  @TextField({ description: 'The run.', max: 100 })
  runId!: string;

  @TextField({ description: 'all, or the one check.', max: 60 })
  test!: string;

  @TextField({ description: 'User id; null when the flag was created by hand.', max: 100, nullable: true })
  by!: string | null;

  @TextField({ description: 'UTC.', max: 30 })
  startedAt!: string;

  @TextField({ description: 'The check that is under way; null between two.', max: 60, nullable: true })
  check!: string | null;

  @WholeField({ description: 'Checks that have ended.', min: 0, max: 100 })
  done!: number;

  @WholeField({ description: 'Checks of the run.', min: 1, max: 100 })
  total!: number;
}

export class TestsAnswer {
  @PartField(() => TestRunningAnswer, { description: 'The run that is under way; null when none is.', nullable: true })
  running!: TestRunningAnswer | null;

  @PartsField(() => TestWaitingAnswer, { description: 'Requested runs that wait, in their order.', max: 50 })
  waiting!: readonly TestWaitingAnswer[];

  @PartsField(() => TestAnswer, { description: 'Available tests.', max: 50 })
  tests!: readonly TestAnswer[];

  @PartsField(() => TestRunAnswer, { description: 'Runs, newest first.', max: 50 })
  runs!: readonly TestRunAnswer[];
}
