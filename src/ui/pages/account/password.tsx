import { useState, type ReactElement } from 'react';
import { api, send } from '../../api/client.js';
import { queries } from '../../api/query.js';
import { setToken } from '../../api/session.js';
import { Card } from '../../parts/card.js';
import { FormBody, useServerForm } from '../../parts/form.js';
import { PasswordField } from '../../parts/password-field.js';
import { Notice } from '../../parts/state.js';
import { account as texts } from './messages.js';

/** A new password; the session of this browser continues with a new token, all others end. */
export function PasswordCard(): ReactElement {
  const [changed, setChanged] = useState(false);
  const state = useServerForm({
    values: { current: '', password: '' },
    send: async (body) => {
      setChanged(false);
      const { csrfToken } = await send(() => api.POST('/api/auth/password', { body }));
      setToken(csrfToken);
    },
    done: () => {
      state.form.reset();
      setChanged(true);
      void queries.invalidateQueries({ queryKey: ['session'] });
      void queries.invalidateQueries({ queryKey: ['own-sessions'] });
    },
  });
  const { form } = state;
  return (
    <Card title={texts.password}>
      {changed ? <Notice icon="check" title={texts.passwordChanged} /> : null}
      <FormBody of={state} label={texts.changePassword}>
        <PasswordField label={texts.current} autoComplete="current-password" {...form.getInputProps('current')} />
        <PasswordField
          label={texts.next}
          description={texts.nextHelp}
          autoComplete="new-password"
          {...form.getInputProps('password')}
        />
      </FormBody>
    </Card>
  );
}
