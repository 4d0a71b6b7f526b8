import { NativeSelect, TextInput } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { api, send } from '../../api/client.js';
import { queries } from '../../api/query.js';
import type { components } from '../../generated/api.js';
import { oneTimePassword } from '../../lib/one-time-password.js';
import { FormBody, useServerForm } from '../../parts/form.js';
import { users } from './messages.js';

type Role = components['schemas']['RoleForm']['role'];

const { form: texts } = users;

/** The roles, from the lowest rights to the highest. */
export const ROLES: readonly Role[] = ['viewer', 'operator', 'accountant', 'admin'];

/** A new account with a password that its user replaces at the first log-in. */
export function NewUser({
  close,
  done,
}: {
  readonly close: () => void;
  readonly done: (text: string) => void;
}): ReactElement {
  const [password] = useState(oneTimePassword);
  const state = useServerForm({
    values: { name: '', email: '', role: 'viewer', password },
    send: async ({ name, email, role, ...given }) => {
      const address = email.trim();
      const body = { ...given, name: name.trim(), role: role as Role, ...(address === '' ? {} : { email: address }) };
      const made = await send(() => api.POST('/api/users', { body }));
      void queries.invalidateQueries({ queryKey: ['users'] });
      done(texts.created(made.name));
    },
  });
  const { form } = state;
  return (
    <FormBody of={state} label={texts.create} cancel={close}>
      <TextInput
        label={texts.name}
        autoComplete="off"
        autoCapitalize="none"
        data-autofocus
        {...form.getInputProps('name')}
      />
      <TextInput
        label={texts.email}
        description={texts.optional}
        type="email"
        autoComplete="off"
        {...form.getInputProps('email')}
      />
      <NativeSelect label={texts.role} data={[...ROLES]} {...form.getInputProps('role')} />
      <TextInput
        label={texts.password}
        description={texts.passwordHelp}
        autoComplete="off"
        autoCapitalize="none"
        {...form.getInputProps('password')}
      />
    </FormBody>
  );
}
