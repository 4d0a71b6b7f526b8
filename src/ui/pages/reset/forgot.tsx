import { TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState, type ReactElement } from 'react';
import { api, bodyOf } from '../../api/client.js';
import { FormBody, useServerForm } from '../../parts/form.js';
import { Notice } from '../../parts/state.js';
import { reset } from './messages.js';

const { forgot: texts } = reset;

/** For who lost a password or a phone: a link by mail, and the ways without one. */
export default function ForgotPage(): ReactElement {
  const navigate = useNavigate();
  const [sent, setSent] = useState(false);
  const state = useServerForm({
    values: { email: '' },
    send: async ({ email }) => {
      setSent(false);
      await bodyOf(api.POST('/api/auth/password-reset', { body: { email: email.trim() } }));
    },
    done: () => setSent(true),
  });
  return (
    <main className="alone">
      <div className="card login">
        <h1>{texts.title}</h1>
        <h2>{texts.byEmail}</h2>
        {sent ? <Notice icon="check" title={texts.sent} /> : null}
        <FormBody of={state} label={texts.send} cancel={() => void navigate({ to: '/' })} cancelLabel={texts.back}>
          <TextInput
            label={texts.email}
            type="email"
            autoComplete="email"
            autoFocus
            {...state.form.getInputProps('email')}
          />
        </FormBody>
        <h2>{texts.withoutEmail}</h2>
        <ul className="reasons">
          <li>{texts.phone}</li>
          <li>{texts.admin}</li>
          <li>{texts.nobody}</li>
        </ul>
        <pre className="raw-text" tabIndex={0}>
          {texts.command}
        </pre>
      </div>
    </main>
  );
}
