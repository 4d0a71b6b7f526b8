import { Button } from '@mantine/core';
import { useForm, type UseFormReturnType } from '@mantine/form';
import { useState, type SubmitEvent, type ReactElement, type ReactNode } from 'react';
import { asProblem, type Problem } from '../api/problem.js';
import { faultsOf } from './faults.js';
import { parts } from './messages.js';
import { ProblemNotice } from './state.js';

/** A form whose faults come from the server, each at its field. */
export interface ServerForm<Values> {
  readonly form: UseFormReturnType<Values>;
  readonly busy: boolean;
  /** The refusal as a whole; null when each fault stands at a field. */
  readonly problem: Problem | null;
  readonly submit: (event: SubmitEvent<HTMLFormElement>) => void;
}

/**
 * `useServerForm({ values: { name: '' }, send: (values) => send(() => api.POST(...)) })`. A second submit while one runs does
 * nothing; what was typed stays when it fails.
 */
export function useServerForm<Values extends Record<string, unknown>>({
  values,
  send,
  done,
  validate,
}: {
  readonly values: Values;
  readonly send: (values: Values) => Promise<unknown>;
  readonly done?: () => void;
  readonly validate?: NonNullable<Parameters<typeof useForm<Values>>[0]>['validate'];
}): ServerForm<Values> {
  const form = useForm<Values>({
    mode: 'controlled',
    initialValues: values,
    ...(validate === undefined ? {} : { validate }),
  });
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const run = async (typed: Values): Promise<void> => {
    if (busy) return;
    setBusy(true);
    setProblem(null);
    try {
      await send(typed);
      done?.();
    } catch (error) {
      const refused = asProblem(error);
      // A fault at a field that the form does not show now would be seen nowhere.
      const faults = faultsOf(refused, (field) => field in values && form.getInputNode(field) !== null);
      for (const [field, text] of Object.entries(faults.atFields)) form.setFieldError(field, text);
      if (!faults.all) setProblem(refused);
    } finally {
      setBusy(false);
    }
  };
  const submit = form.onSubmit((typed) => void run(typed)) as (event: SubmitEvent<HTMLFormElement>) => void;
  return { form, busy, problem, submit };
}

/** A form with its refusal on top and its buttons below; `cancel` adds the button that leaves it as it was. */
export function FormBody<Values>({
  of,
  label,
  danger = false,
  cancel,
  cancelLabel = parts.cancel,
  sent,
  children,
}: {
  readonly of: ServerForm<Values>;
  readonly label: string;
  readonly danger?: boolean;
  readonly cancel?: () => void;
  readonly cancelLabel?: string;
  /** Said while the answer is awaited, where a worker takes seconds to give it. */
  readonly sent?: string;
  readonly children: ReactNode;
}): ReactElement {
  return (
    <form onSubmit={of.submit} noValidate className="form">
      {of.problem === null ? null : <ProblemNotice problem={of.problem} />}
      {children}
      <div className="form-buttons">
        <Button type="submit" loading={of.busy} {...(danger ? { color: 'red' } : {})}>
          {label}
        </Button>
        {cancel === undefined ? null : (
          <Button variant="default" onClick={cancel}>
            {cancelLabel}
          </Button>
        )}
      </div>
      {sent === undefined ? null : (
        <p className="dim" role="status">
          {of.busy ? sent : ''}
        </p>
      )}
    </form>
  );
}
