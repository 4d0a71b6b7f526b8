import { Button } from '@mantine/core';
import { useEffect, useState, type ReactElement } from 'react';
import { api, bodyOf } from '../../api/client.js';
import { asProblem, type Problem } from '../../api/problem.js';
import { queries, useApi } from '../../api/query.js';
import { dollars } from '../../lib/format.js';
import { useParams, useSetParams } from '../../lib/url.js';
import { FormBody, useServerForm } from '../../parts/form.js';
import { PasswordField } from '../../parts/password-field.js';
import { Loading, ProblemNotice } from '../../parts/state.js';
import {
  firstValues,
  isStep,
  simulatorBody,
  type SetupBody,
  type SetupStatus,
  type Step,
  type Values,
} from './form.js';
import { setup } from './messages.js';
import { Progress } from './progress.js';
import styles from './setup.module.css';
import { forgetSetupToken, keepSetupToken, setupToken, withSetupToken } from './token.js';
import { Wizard } from './wizard.js';

const POLL_MS = 700;

/** The first set-up of a home: token, then one click for the simulator or every step, then its progress. */
export default function SetupPage(): ReactElement {
  const status = useApi(['setup'], (signal) => api.GET('/api/setup', { signal }), { pollMs: POLL_MS });
  const gone = status.error?.status === 404 || status.error?.status === 409;
  useEffect(() => {
    // The home is set up: what comes next is for the state of the bot to say.
    if (gone) void queries.invalidateQueries({ queryKey: ['state'] });
  }, [gone]);
  return (
    <main className={styles['stage']}>
      {status.data === undefined ? (
        status.error === null || gone ? (
          <Loading />
        ) : (
          <ProblemNotice problem={status.error} again={() => void status.refetch()} />
        )
      ) : (
        <Stage status={status.data} />
      )}
    </main>
  );
}

function Stage({ status }: { readonly status: SetupStatus }): ReactElement {
  const [known, setKnown] = useState<{ readonly token: string; readonly sealAnchor: string } | null>(null);
  const step = useParams()['step'];
  const setParams = useSetParams();
  const go = (next: Step | ''): void => setParams({ step: next }, { replace: false });
  // What was typed, secrets too, is here alone: an address has the step, so that Back of the browser leads to the one before.
  const [values, setValues] = useState<Values | null>(null);
  const [begun, setBegun] = useState(false);
  const stopped = !status.running && status.error !== null;
  if (status.running || begun || (status.progress.percent > 0 && !stopped) || (stopped && known === null))
    return (
      <Progress
        status={status}
        again={() => {
          setBegun(false);
          if (known === null) setKnown({ token: '', sealAnchor: '' });
        }}
      />
    );
  if (known === null || known.token === '') return <AskToken status={status} found={setKnown} />;
  const begin = async (body: SetupBody): Promise<void> => {
    await bodyOf(api.POST('/api/setup', { body, headers: withSetupToken(known.token) }));
    setBegun(true);
    setParams({ step: '' });
    await queries.invalidateQueries({ queryKey: ['setup'] });
  };
  if (!isStep(step)) return <Choice status={status} begin={begin} fill={() => go('identity')} />;
  const typed = values ?? firstValues(status, known.sealAnchor);
  return <Wizard {...{ status, begin, step, go, setValues }} token={known.token} values={typed} />;
}

function AskToken({
  status,
  found,
}: {
  readonly status: SetupStatus;
  readonly found: (known: { readonly token: string; readonly sealAnchor: string }) => void;
}): ReactElement {
  const take = async (token: string): Promise<void> => {
    const body = simulatorBody(status);
    const checked = await bodyOf(api.POST('/api/setup/check', { body, headers: withSetupToken(token) }));
    keepSetupToken(token);
    found({ token, sealAnchor: checked.sealAnchor });
  };
  const [trying, setTrying] = useState(setupToken() !== '');
  const [problem, setProblem] = useState<Problem | null>(null);
  const state = useServerForm({ values: { token: '' }, send: ({ token }) => take(token.trim()) });
  useEffect(() => {
    if (!trying) return;
    take(setupToken()).catch((error: unknown) => {
      const refused = asProblem(error);
      if (refused.status !== 0) forgetSetupToken();
      setProblem(refused);
      setTrying(false);
    });
    // Once, with the token that this tab has.
  }, []);
  if (trying) return <Loading />;
  return (
    <div className="card login">
      <h1>{setup.title}</h1>
      {problem === null || state.problem !== null ? null : <ProblemNotice problem={problem} />}
      <FormBody of={state} label={setup.continue}>
        <PasswordField
          label={setup.token}
          description={setup.tokenHelp}
          autoComplete="off"
          autoCapitalize="none"
          autoFocus
          {...state.form.getInputProps('token')}
        />
      </FormBody>
    </div>
  );
}

function Choice({
  status,
  begin,
  fill,
}: {
  readonly status: SetupStatus;
  readonly begin: (body: SetupBody) => Promise<void>;
  readonly fill: () => void;
}): ReactElement {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const start = async (): Promise<void> => {
    setBusy(true);
    try {
      await begin(simulatorBody(status));
    } catch (error) {
      setProblem(asProblem(error));
      setBusy(false);
    }
  };
  const { openingFloat } = status.defaults;
  return (
    <div className={styles['wide']}>
      <h1>{setup.title}</h1>
      <p className="dim">{setup.lead}</p>
      {problem === null ? null : <ProblemNotice problem={problem} />}
      <div className="cards cards-2">
        <section className="card">
          <h2>{setup.simulator}</h2>
          <p>{setup.simulatorText}</p>
          <p className="dim">{setup.simulatorFloat(dollars(String(openingFloat)))}</p>
          <Button loading={busy} onClick={() => void start()}>
            {setup.simulator}
          </Button>
        </section>
        <section className="card">
          <h2>{setup.own}</h2>
          <p>{setup.ownText}</p>
          <Button variant="default" disabled={busy} onClick={fill}>
            {setup.ownStart}
          </Button>
        </section>
      </div>
    </div>
  );
}
