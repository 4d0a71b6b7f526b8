import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState, type ReactElement } from 'react';
import { api, bodyOf } from '../../api/client.js';
import { tokenOfAddress } from '../../lib/address-token.js';
import { FormBody, useServerForm } from '../../parts/form.js';
import { PasswordField } from '../../parts/password-field.js';
import { Notice } from '../../parts/state.js';
import { reset as texts } from './messages.js';

/** A new password by a mailed link; its one-time token follows the #. */
export default function ResetPage(): ReactElement {
  const [token] = useState(tokenOfAddress);
  const [done, setDone] = useState(false);
  return (
    <main className="alone">
      <div className="card login">
        <h1>{texts.title}</h1>
        {done ? (
          <Notice icon="check" title={texts.done} action={<LinkButton to="/" text={texts.logIn} />}>
            {texts.doneHelp}
          </Notice>
        ) : token === '' ? (
          <Notice
            icon="key"
            tone="warn"
            title={texts.noToken}
            action={<LinkButton to="/forgot" text={texts.another} />}
          >
            {texts.noTokenHelp}
          </Notice>
        ) : (
          <PasswordForm token={token} done={() => setDone(true)} />
        )}
      </div>
    </main>
  );
}

function PasswordForm({ token, done }: { readonly token: string; readonly done: () => void }): ReactElement {
  const state = useServerForm({
    values: { password: '' },
    send: ({ password }) => bodyOf(api.POST('/api/auth/password-reset/confirm', { body: { token, password } })),
    done,
  });
  return (
    <FormBody of={state} label={texts.save}>
      <PasswordField
        label={texts.password}
        description={texts.passwordHelp}
        autoComplete="new-password"
        autoFocus
        {...state.form.getInputProps('password')}
      />
    </FormBody>
  );
}

function LinkButton({ to, text }: { readonly to: '/' | '/forgot'; readonly text: string }): ReactElement {
  return (
    <Button size="xs" component={Link} to={to}>
      {text}
    </Button>
  );
}
