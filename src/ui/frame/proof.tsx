import { Modal, TextInput } from '@mantine/core';
import { useEffect, useRef, useState, type ReactElement } from 'react';
import { api, bodyOf, proof } from '../api/client.js';
import { asProblem } from '../api/problem.js';
import { useSession } from '../app/session.js';
import { keepDialogs } from '../lib/keep-dialogs.js';
import { FormBody, useServerForm } from '../parts/form.js';
import { PasswordField } from '../parts/password-field.js';
import { frame } from './messages.js';

/** Most changes that need the password are made in a dialog, which would cover this one. */
const ABOVE_DIALOGS = 350;

/** Asks for the password again when a change needs it, and lets the change continue. */
export function ProofDialog(): ReactElement {
  const [opened, setOpened] = useState(false);
  const answer = useRef<(proven: boolean) => void>(() => undefined);
  useEffect(() => {
    proof.ask = () =>
      new Promise((resolve) => {
        answer.current = resolve;
        setOpened(true);
      });
    return () => void (proof.ask = null);
  }, []);
  const end = (proven: boolean): void => {
    setOpened(false);
    answer.current(proven);
  };
  return (
    <Modal
      opened={opened}
      onClose={() => end(false)}
      title={frame.proof.title}
      zIndex={ABOVE_DIALOGS}
      onFocus={keepDialogs}
      onKeyDown={({ key }) => (key === 'Escape' ? end(false) : undefined)}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {opened ? <ProofForm end={end} /> : null}
    </Modal>
  );
}

function ProofForm({ end }: { readonly end: (proven: boolean) => void }): ReactElement {
  const [withCode, setWithCode] = useState(useSession().secondFactor);
  const state = useServerForm({
    values: { current: '', code: '' },
    done: () => end(true),
    send: async ({ current, code }) => {
      try {
        await bodyOf(
          api.POST('/api/auth/proof', { body: { current, ...(code.trim() === '' ? {} : { code: code.trim() }) } }),
        );
      } catch (error) {
        if (asProblem(error).code === 'SECOND_FACTOR_NEEDED') setWithCode(true);
        throw error;
      }
    },
  });
  const { form } = state;
  return (
    <FormBody of={state} label={frame.proof.confirm} cancel={() => end(false)}>
      <p className="dim">{frame.proof.why}</p>
      <PasswordField
        label={frame.proof.password}
        autoComplete="current-password"
        data-autofocus
        {...form.getInputProps('current')}
      />
      {withCode ? (
        <TextInput label={frame.proof.code} autoComplete="one-time-code" {...form.getInputProps('code')} />
      ) : null}
    </FormBody>
  );
}
