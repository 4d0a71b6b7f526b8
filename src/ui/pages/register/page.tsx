import { TextInput } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { api, bodyOf } from '../../api/client.js';
import { asProblem } from '../../api/problem.js';
import { queries } from '../../api/query.js';
import { FormBody, useServerForm, type ServerForm } from '../../parts/form.js';
import { setup } from '../setup/messages.js';
import { forgetSetupToken, setupToken, withSetupToken } from '../setup/token.js';
import { PasswordField } from '../../parts/password-field.js';
import { register } from './messages.js';

interface Typed extends Record<string, unknown> {
  readonly token: string;
  readonly name: string;
  readonly email: string;
  readonly password: string;
  readonly again: string;
}

/** The first account, an admin. The token of the set-up is known in the tab that set the bot up, and asked for elsewhere. */
export default function RegisterPage(): ReactElement {
  const [token] = useState(setupToken);
  const [asksToken, setAsksToken] = useState(token === '');
  const [done, setDone] = useState(false);
  const state = useServerForm<Typed>({
    values: { token, name: '', email: '', password: '', again: '' },
    validate: { again: (again, { password }) => (again === password ? null : register.differ) },
    send: async (typed) => {
      try {
        await create(typed);
      } catch (error) {
        const refused = asProblem(error);
        if (refused.status === 401) {
          forgetSetupToken();
          setAsksToken(true);
          state.form.setFieldError('token', refused.message);
        }
        throw error;
      }
    },
    done: () => {
      forgetSetupToken();
      setDone(true);
      void queries.invalidateQueries({ queryKey: ['state'] });
    },
  });
  return (
    <main className="alone">
      <div className="card login">
        <h1>{done ? register.done : register.title}</h1>
        {done ? <p role="status">{register.starting}</p> : <AccountForm of={state} asksToken={asksToken} />}
      </div>
    </main>
  );
}

function AccountForm({
  of: state,
  asksToken,
}: {
  readonly of: ServerForm<Typed>;
  readonly asksToken: boolean;
}): ReactElement {
  const input = state.form.getInputProps;
  return (
    <>
      <p className="dim">{register.lead}</p>
      <FormBody of={state} label={register.submit}>
        {asksToken ? (
          <PasswordField
            label={setup.token}
            description={setup.tokenHelp}
            autoComplete="off"
            autoFocus
            {...input('token')}
          />
        ) : null}
        <TextInput
          label={register.name}
          autoComplete="username"
          autoCapitalize="none"
          maxLength={64}
          autoFocus={!asksToken}
          {...input('name')}
        />
        <TextInput
          label={register.email}
          description={register.emailHelp}
          type="email"
          autoComplete="email"
          {...input('email')}
        />
        <PasswordField
          label={register.password}
          description={register.passwordHelp}
          autoComplete="new-password"
          {...input('password')}
        />
        <PasswordField label={register.again} autoComplete="new-password" {...input('again')} />
      </FormBody>
    </>
  );
}

function create({ token, name, email, password }: Typed): Promise<unknown> {
  const address = email.trim();
  const body = { name: name.trim(), password, ...(address === '' ? {} : { email: address }) };
  return bodyOf(api.POST('/api/registration', { body, headers: withSetupToken(token.trim()) }));
}
