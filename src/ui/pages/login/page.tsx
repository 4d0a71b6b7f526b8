import { Anchor, TextInput } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState, type ReactElement } from 'react';
import { api, bodyOf } from '../../api/client.js';
import { asProblem } from '../../api/problem.js';
import { queries } from '../../api/query.js';
import { setToken } from '../../api/session.js';
import { useStage } from '../../app/session.js';
import { FormBody, useServerForm } from '../../parts/form.js';
import { PasswordField } from '../../parts/password-field.js';
import { login } from './messages.js';

const MOST_ATTEMPTS = 4;
/** The form has no field for the code before the server asks for one. */
const ABOUT_CODE: ReadonlySet<string> = new Set(['SECOND_FACTOR_NEEDED', 'TWO_CODES_NEEDED']);

interface Typed extends Record<string, unknown> {
  readonly name: string;
  readonly password: string;
  readonly code: string;
}

/** Log-in, before any page; the address stays, and its page opens afterwards. */
export function LoginPage(): ReactElement {
  return (
    <main className="alone">
      <LoginCard done={() => queries.resetQueries()} />
    </main>
  );
}

/** The form of the log-in; `why` stands above it, and `done` runs when the user is logged in. */
export function LoginCard({ why, done }: { readonly why?: string; readonly done: () => Promise<void> }): ReactElement {
  const stage = useStage();
  return (
    <div className="card login">
      <div className="card-head">
        <h1>{login.title}</h1>
        {stage.data?.simulated === true ? (
          <span className="environment environment-simulator" title={login.simulatedWhy}>
            {login.simulated}
          </span>
        ) : null}
      </div>
      {why === undefined ? null : <p role="status">{why}</p>}
      <LoginForm done={done} />
      <p>
        <Anchor component={Link} to="/forgot">
          {login.forgot}
        </Anchor>
      </p>
    </div>
  );
}

/** A password, and the second factor when the server asks for it. */
function LoginForm({ done }: { readonly done: () => Promise<void> }): ReactElement {
  const [withCode, setWithCode] = useState(false);
  const [waiting, setWaiting] = useState<number | null>(null);
  const state = useServerForm<Typed>({
    values: { name: '', password: '', code: '' },
    validate: {
      name: (value) => (value.trim() === '' ? login.needed : null),
      password: (value) => (value === '' ? login.needed : null),
    },
    send: async (typed) => {
      try {
        const { csrfToken } = await logIn(typed, setWaiting);
        setToken(csrfToken);
        await done();
      } catch (error) {
        if (!ABOUT_CODE.has(asProblem(error).code) || withCode) throw error;
        setWithCode(true);
      }
    },
  });
  const { form } = state;
  return (
    <FormBody of={state} label={login.submit}>
      <TextInput
        label={login.name}
        autoComplete="username"
        autoCapitalize="none"
        autoFocus
        {...form.getInputProps('name')}
      />
      <PasswordField label={login.password} autoComplete="current-password" {...form.getInputProps('password')} />
      {withCode ? (
        <TextInput
          label={login.code}
          description={login.codeHelp}
          autoComplete="one-time-code"
          autoFocus
          {...form.getInputProps('code')}
        />
      ) : null}
      {waiting === null ? null : <p role="status">{login.waiting(waiting)}</p>}
    </FormBody>
  );
}

/** After failed attempts at the name a new device has to wait, half a minute at most: this waits, and then tries again. */
async function logIn({ name, password, code }: Typed, waiting: (seconds: number | null) => void) {
  const body = { name: name.trim(), password, ...(code.trim() === '' ? {} : { code: code.trim() }) };
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await bodyOf(api.POST('/api/auth/login', { body }));
    } catch (error) {
      const { code: refusal, retryAfter } = asProblem(error);
      if (refusal !== 'DELAYED' || retryAfter === null || attempt === MOST_ATTEMPTS) throw error;
      waiting(retryAfter);
      await new Promise((resolve) => setTimeout(resolve, retryAfter * 1_000));
      waiting(null);
    }
  }
}
