import { FlagField, PartsField, TextField } from '../common/fields.js';

class TestAnswer {
  @TextField({ says: 'Name in POST /api/tests/{test}.', max: 60 })
  name!: string;

  @TextField({ says: 'What it looks at.', max: 200 })
  label!: string;
}

class TestResultAnswer {
  @TextField({ says: 'The check.', max: 100 })
  check!: string;

  @FlagField({ says: 'Whether it passed.' })
  ok!: boolean;

  @TextField({ says: 'What was seen.', min: 0, max: 2_000 })
  detail!: string;
}

export class TestRunAnswer {
  @TextField({ says: 'The run.', max: 100 })
  runId!: string;

  @TextField({ says: 'all, or the one check.', max: 60 })
  test!: string;

  @TextField({ says: 'User; null when a person touched the flag.', max: 100, nullable: true })
  by!: string | null;

  @TextField({ says: 'Name of the user; null when a person touched the flag.', max: 100, nullable: true })
  byName!: string | null;

  @TextField({ says: 'UTC.', max: 30 })
  startedAt!: string;

  @TextField({ says: 'UTC; null while it runs.', max: 30, nullable: true })
  endedAt!: string | null;

  @FlagField({ says: 'Whether everything passed; null while it runs.', nullable: true })
  ok!: boolean | null;

  @PartsField(() => TestResultAnswer, { says: 'One a check.', max: 500 })
  results!: readonly TestResultAnswer[];
}

export class TestsAnswer {
  @PartsField(() => TestAnswer, { says: 'What can be run.', max: 50 })
  tests!: readonly TestAnswer[];

  @PartsField(() => TestRunAnswer, { says: 'Runs, newest first.', max: 50 })
  runs!: readonly TestRunAnswer[];
}
