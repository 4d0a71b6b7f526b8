import { Button, NativeSelect, Progress } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState, type ReactElement } from 'react';
import { api } from '../../api/client.js';
import { useApi, useChange } from '../../api/query.js';
import type { components } from '../../generated/api.js';
import { capital, words } from '../../lib/format.js';
import { Card, Pill } from '../../parts/card.js';
import { DataTable, type Column } from '../../parts/data-table.js';
import { Notice, ProblemNotice, State } from '../../parts/state.js';
import { Time } from '../../parts/time.js';
import { tests as texts } from './messages.js';
import styles from './tests.module.css';

type Tests = components['schemas']['TestsAnswer'];
type Run = Tests['runs'][number];
type Waiting = Tests['waiting'][number];

const TESTS = ['tests'] as const;
const { columns: heads } = texts;

/** Test mode: start all checks or one, what runs and waits, and how earlier runs ended. */
export default function TestsPage(): ReactElement {
  const found = useApi(TESTS, (signal) => api.GET('/api/tests', { signal }), {
    ...{ live: ['TestRunStarted', 'TestRunEnded', 'ControlFlagConsumed'], pollMs: 2_000 },
  });
  return (
    <State of={found} lines={8}>
      {(body) => (
        <div className="cards">
          <Start of={body.tests} />
          <Queue of={body} />
          <Card
            title={texts.runs}
            aside={
              <Link className="event-link" to="/log" search={{ log: 'test_mode' }}>
                {texts.toLog}
              </Link>
            }
          >
            <DataTable
              label={texts.runs}
              columns={RUNS}
              rows={body.runs}
              rowKey={({ runId }) => runId}
              empty={texts.noRuns}
            />
          </Card>
        </div>
      )}
    </State>
  );
}

function Start({ of }: { readonly of: Tests['tests'] }): ReactElement {
  const [test, setTest] = useState(of[0]?.name ?? 'all');
  const start = useChange(() => api.POST('/api/tests/{test}', { params: { path: { test } } }), { refresh: [TESTS] });
  return (
    <Card title={texts.run}>
      <div className="form">
        <p className="dim">{texts.runWhy}</p>
        {start.isSuccess ? <Notice icon="check" title={texts.requested(capital(words(test)))} /> : null}
        {start.error === null ? null : <ProblemNotice problem={start.error} />}
        <div className="form-row">
          <NativeSelect
            label={texts.which}
            data={of.map(({ name, label }) => ({ value: name, label }))}
            value={test}
            onChange={({ currentTarget }) => {
              start.reset();
              setTest(currentTarget.value);
            }}
          />
          <Button loading={start.isPending} onClick={() => start.mutate(undefined)}>
            {texts.start}
          </Button>
        </div>
      </div>
    </Card>
  );
}

const WAITING: readonly Column<Waiting>[] = [
  { key: 'at', head: heads.asked, cell: ({ askedAt }) => <Time at={askedAt} /> },
  { key: 'test', head: heads.test, cell: ({ test }) => capital(words(test)) },
  { key: 'by', head: heads.by, cell: ({ byName }) => byName ?? texts.byFile },
];

function Queue({ of: { running, waiting } }: { readonly of: Tests }): ReactElement | null {
  if (running === null && waiting.length === 0) return null;
  return (
    <Card title={texts.now}>
      <div className="form">
        {running === null ? null : (
          <>
            <p role="status">{progressText(running)}</p>
            <Progress value={(100 * running.done) / running.total} aria-label={texts.ended} />
          </>
        )}
        {waiting.length === 0 ? null : (
          <DataTable
            label={texts.waiting}
            columns={WAITING}
            rows={waiting}
            rowKey={({ askedAt, test }) => `${askedAt} ${test}`}
          />
        )}
      </div>
    </Card>
  );
}

function progressText({ test, check, done, total }: NonNullable<Tests['running']>): string {
  const name = capital(words(test));
  if (total === 1) return texts.running(name);
  const now = check === null || check === test ? '' : ` ${texts.check(words(check))}`;
  return `${texts.progress(name, done, total)}${now}`;
}

const RUNS: readonly Column<Run>[] = [
  { key: 'at', head: heads.at, cell: ({ startedAt }) => <Time at={startedAt} /> },
  { key: 'test', head: heads.test, cell: ({ test }) => capital(words(test)) },
  { key: 'result', head: heads.result, cell: ({ ok }) => <Result of={ok} /> },
  { key: 'checks', head: heads.checks, cell: (run) => <Checks of={run} /> },
  { key: 'by', head: heads.by, wide: true, cell: ({ byName }) => byName ?? texts.byFile },
];

function Result({ of }: { readonly of: boolean | null }): ReactElement {
  if (of === null) return <Pill>{texts.isRunning}</Pill>;
  return of ? <>{texts.passed}</> : <Pill tone="bad">{texts.failed}</Pill>;
}

/** What failed is shown at once; all of it on request. */
function Checks({ of: { results } }: { readonly of: Run }): ReactElement | null {
  const [all, setAll] = useState(false);
  if (results.length === 0) return null;
  const shown = all ? results : results.filter(({ ok }) => !ok);
  return (
    <div className={styles['checks']}>
      <p>
        <span className="num">{texts.ok(results.filter(({ ok }) => ok).length, results.length)}</span>{' '}
        <button type="button" className="event-link" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? texts.hide : texts.details}
        </button>
      </p>
      <ul>
        {shown.map(({ check, ok, detail }) => (
          <li key={check}>
            {ok ? null : <Pill tone="bad">{texts.failed}</Pill>} {words(check)}: <span className="dim">{detail}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
