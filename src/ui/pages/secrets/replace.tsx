import { PasswordInput, TextInput } from '@mantine/core';
import type { ReactElement } from 'react';
import { api, send } from '../../api/client.js';
import { Problem } from '../../api/problem.js';
import { queries } from '../../api/query.js';
import type { components } from '../../generated/api.js';
import { FormBody, useServerForm } from '../../parts/form.js';
import { secrets as texts } from './messages.js';

type Secret = components['schemas']['SecretAnswer'];

/** As the server names a field in its faults. */
const GROUP = 'fields.';
const NEW_NAME = 'newName';
const NEW_VALUE = 'newValue';

/** New values of a secret: what is left empty stays as it is. */
export function Replace({
  of: { name, fields, open },
  close,
  done,
}: {
  readonly of: Secret;
  readonly close: () => void;
  readonly done: () => void;
}): ReactElement {
  const names = fields.map((one) => `${GROUP}${one.name}`);
  const state = useServerForm<Record<string, string>>({
    values: Object.fromEntries([...names, NEW_NAME, NEW_VALUE].map((one) => [one.replaceAll('.', DOT), ''])),
    send: (typed) => {
      const given = givenOf(typed);
      if (Object.keys(given).length === 0) throw new Problem(422, { detail: texts.nothing });
      return send(() => api.PUT('/api/secrets/{name}', { params: { path: { name } }, body: { fields: given } })).catch(
        atFields,
      );
    },
    done: () => {
      void queries.invalidateQueries({ queryKey: ['secrets'] });
      done();
    },
  });
  const { form } = state;
  return (
    <FormBody of={state} label={texts.save} cancel={close}>
      {fields.map((one) => {
        const Input = one.secret ? PasswordInput : TextInput;
        return (
          <Input
            key={one.name}
            label={one.label}
            description={[one.help, one.set ? texts.fieldSet : ''].filter(Boolean).join(' ')}
            autoComplete="new-password"
            {...form.getInputProps(`${GROUP}${one.name}`.replaceAll('.', DOT))}
          />
        );
      })}
      {open ? (
        <>
          <TextInput
            label={texts.newField}
            description={texts.newFieldHelp}
            maxLength={60}
            autoComplete="off"
            {...form.getInputProps(NEW_NAME)}
          />
          <PasswordInput label={texts.newValue} autoComplete="new-password" {...form.getInputProps(NEW_VALUE)} />
        </>
      ) : null}
    </FormBody>
  );
}

/** A dot in the name of a field would be a path of the form. */
const DOT = ':';

/** Faults of the server at the fields as the form names them. */
function atFields(error: unknown): never {
  if (!(error instanceof Problem)) throw error;
  const errors = error.faults.map(({ field, message }) => ({ field: field.replaceAll('.', DOT), message }));
  const { status, message: detail, remedy, code } = error;
  throw new Problem(status, { detail, remedy, code, errors });
}

/** What was typed, by name of the field. */
function givenOf({
  [NEW_NAME]: newName = '',
  [NEW_VALUE]: newValue = '',
  ...typed
}: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const given = Object.entries(typed)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => [name.slice(GROUP.length), value] as const);
  return Object.fromEntries(newName.trim() === '' ? given : [...given, [newName.trim(), newValue] as const]);
}
