import { Button } from '@mantine/core';
import { useEffect, useRef, useState, type ReactElement } from 'react';
import { api, bodyOf } from '../../api/client.js';
import { asProblem, type Problem } from '../../api/problem.js';
import { Icon } from '../../parts/icon.js';
import { ProblemNotice } from '../../parts/state.js';
import { bodyOfValues, stepOf, STEPS, type SetupBody, type SetupStatus, type Step, type Values } from './form.js';
import { setup } from './messages.js';
import styles from './setup.module.css';
import { BrokerStep, ExtrasStep, IdentityStep, ReviewStep, TradingStep, type StepProps } from './steps.js';
import { JournalStep } from './journal.js';
import { withSetupToken } from './token.js';

const CHECK_AFTER_MS = 400;

const PARTS: Readonly<Record<Step, (props: StepProps) => ReactElement>> = {
  ...{ identity: IdentityStep, broker: BrokerStep, trading: TradingStep },
  ...{ journal: JournalStep, extras: ExtrasStep, review: ReviewStep },
};

interface WizardProps {
  readonly status: SetupStatus;
  readonly token: string;
  readonly begin: (body: SetupBody) => Promise<void>;
  readonly step: Step;
  /** Shows another step; an empty text leaves the form. */
  readonly go: (step: Step | '') => void;
  readonly values: Values;
  readonly setValues: (values: Values) => void;
}

/** The whole form, a step at a time; the server checks it while it is filled in, and each fault stands at its field. */
export function Wizard({ status, token, begin, step, go, values, setValues }: WizardProps): ReactElement {
  const [shown, setShown] = useState<ReadonlySet<string>>(new Set());
  const checked = useChecked(bodyOfValues(values, status), token);
  const at = STEPS.indexOf(step);
  const faultsOf = (one: Step): readonly string[] =>
    Object.keys(checked.faults).filter((field) => stepOf(field) === one);
  const isVisible = (field: string): boolean => shown.has(field) || shown.has(stepOf(field));
  const leave = (next: Step): void => {
    // A step that was left shows all of its faults.
    setShown(new Set([...shown, step]));
    go(next);
  };
  const advance = async (): Promise<void> => {
    setShown(new Set([...shown, step]));
    const { faults } = await checked.now();
    if (!Object.keys(faults).some((field) => stepOf(field) === step)) go(STEPS[at + 1] ?? step);
  };
  const send = async (): Promise<void> => {
    setShown(new Set(STEPS));
    await begin(bodyOfValues(values, status));
  };
  const { busy, problem, submit } = useSubmit(() => (step === 'review' ? send() : advance()));
  return (
    <form
      className={`card ${styles['wide']}`}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <h1>{setup.title}</h1>
      <Steps step={step} marked={(one) => shown.has(one) && faultsOf(one).length > 0} go={leave} />
      {problem === null ? null : <ProblemNotice problem={problem} />}
      <StepBody
        step={step}
        faults={shown.has(step) ? faultsOf(step).length : 0}
        of={{
          ...{ status, values, token, account: checked.account, go: leave },
          faultOf: (field) => (isVisible(field) ? checked.faults[field] : undefined),
          change: (field, value) => {
            setValues(changed(values, field, value));
            setShown(new Set([...shown, field]));
          },
        }}
      />
      <div className="form-buttons">
        <Button type="submit" loading={busy} disabled={step === 'review' && Object.keys(checked.faults).length > 0}>
          {step === 'review' ? setup.send : setup.next}
        </Button>
        <Button variant="default" disabled={busy} onClick={() => (at === 0 ? go('') : leave(STEPS[at - 1] ?? step))}>
          {setup.back}
        </Button>
      </div>
    </form>
  );
}

interface Submit {
  readonly busy: boolean;
  readonly problem: Problem | null;
  readonly submit: () => Promise<void>;
}

/** What the button does, once at a time, and why it was refused. */
function useSubmit(act: () => Promise<void>): Submit {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const submit = async (): Promise<void> => {
    if (busy) return;
    setBusy(true);
    setProblem(null);
    try {
      await act();
    } catch (error) {
      setProblem(asProblem(error));
    } finally {
      setBusy(false);
    }
  };
  return { busy, problem, submit };
}

/** One step with its title, and how many of its fields need a change. */
function StepBody({
  step,
  faults,
  of,
}: {
  readonly step: Step;
  readonly faults: number;
  readonly of: StepProps;
}): ReactElement {
  const Part = PARTS[step];
  const { title, lead } = setup.parts[step];
  return (
    <>
      <h2>{title}</h2>
      <p className="dim">{lead}</p>
      {faults === 0 ? null : (
        <p className={styles['faults']} role="alert">
          <Icon name="alert" size={14} /> {setup.faultsHere(faults)}
        </p>
      )}
      <Part {...of} />
    </>
  );
}

/** The broker's code in the identity follows the broker until somebody gives it another one. */
function changed(values: Values, field: string, value: string): Values {
  const follows = field === 'broker' && values['identity.brokerCode'] === values['broker'];
  return { ...values, [field]: value, ...(follows ? { 'identity.brokerCode': value } : {}) };
}

function Steps({
  step,
  marked,
  go,
}: {
  readonly step: Step;
  readonly marked: (step: Step) => boolean;
  readonly go: (step: Step) => void;
}): ReactElement {
  return (
    <ol className={styles['steps']} aria-label={setup.steps}>
      {STEPS.map((one, index) => (
        <li key={one}>
          <button
            type="button"
            className={one === step ? styles['here'] : ''}
            aria-current={one === step ? 'step' : undefined}
            onClick={() => go(one)}
          >
            {`${index + 1} ${setup.parts[one].title}`}
            {marked(one) ? <Icon name="alert" size={13} /> : null}
          </button>
        </li>
      ))}
    </ol>
  );
}

interface Checked {
  readonly faults: Readonly<Record<string, string>>;
  /** Whose money it would be, in words. */
  readonly account: string;
}

/** What the server says of the form as it is: a moment after the last key, and at once when a step is left. */
function useChecked(body: SetupBody, token: string): Checked & { readonly now: () => Promise<Checked> } {
  const [checked, setChecked] = useState<Checked>({ faults: {}, account: '' });
  const text = JSON.stringify(body);
  const newest = useRef(text);
  newest.current = text;
  const now = async (): Promise<Checked> => {
    const answer = await bodyOf(
      api.POST('/api/setup/check', { body: JSON.parse(text) as SetupBody, headers: withSetupToken(token) }),
    );
    const { account } = answer;
    const found = { account, faults: Object.fromEntries(answer.faults.map(({ field, message }) => [field, message])) };
    if (newest.current === text) setChecked(found);
    return found;
  };
  useEffect(() => {
    // Leaving a step, and the set-up itself, report a connection that is lost or a token that has expired.
    const timer = setTimeout(() => void now().catch(() => undefined), CHECK_AFTER_MS);
    return () => clearTimeout(timer);
  }, [text, token]);
  return { ...checked, now };
}
