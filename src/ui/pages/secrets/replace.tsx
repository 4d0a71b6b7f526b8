import { TextInput } from '@mantine/core';
import type { ReactElement } from 'react';
import { api, send } from '../../api/client.js';
import { Problem } from '../../api/problem.js';
import { queries } from '../../api/query.js';
import type { components } from '../../generated/api.js';
import { FormBody, useServerForm } from '../../parts/form.js';
import { PasswordField } from '../../parts/password-field.js';
import { secrets as texts } from './messages.js';

type Secret = components['schemas']['SecretAnswer'];

/** Of a value, as the server takes it. */
const MOST_CHARS = 2_000;
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
    validate: (typed) => newFieldFaults(typed, fields),
    send: (typed) => {
      const given = givenOf(typed);
      if (Object.keys(given).length === 0) throw new Problem(422, { detail: texts.nothing });
      return send(() => api.PUT('/api/secrets/{name}', { params: { path: { name } }, body: { fields: given } })).catch(
        (error: unknown) => atFields(error, names),
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
        const Input = one.secret ? PasswordField : TextInput;
        return (
          <Input
            key={one.name}
            label={one.label}
            description={[one.help, one.set ? texts.fieldSet : ''].filter(Boolean).join(' ')}
            autoComplete="new-password"
            maxLength={MOST_CHARS}
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
          <PasswordField
            label={texts.newValue}
            autoComplete="new-password"
            maxLength={MOST_CHARS}
            {...form.getInputProps(NEW_VALUE)}
          />
        </>
      ) : null}
    </FormBody>
  );
}

/** A dot in the name of a field would be a path of the form. */
const DOT = ':';

/** As the server takes the name of a field. */
const NAME = /^(?=.*[A-Za-z])[A-Za-z0-9][A-Za-z0-9_]*$/;

/** Faults of a field that the secret does not have yet, which has a name and a value. */
function newFieldFaults(
  { [NEW_NAME]: newName = '', [NEW_VALUE]: value = '' }: Readonly<Record<string, string>>,
  known: Secret['fields'],
): Readonly<Record<string, string>> {
  const name = newName.trim();
  if (name === '') return value === '' ? {} : { [NEW_NAME]: texts.nameMissing };
  const isKnown = known.some((one) => one.name === name);
  return {
    ...(NAME.test(name) ? {} : { [NEW_NAME]: texts.nameFault }),
    // A field that is there is removed by an empty value.
    ...(value === '' && !isKnown ? { [NEW_VALUE]: texts.valueMissing } : {}),
  };
}

/** Faults of the server at the fields as the form names them; what it does not know is the new one. */
function atFields(error: unknown, known: readonly string[]): never {
  if (!(error instanceof Problem)) throw error;
  const errors = error.faults.map(({ field, message }) => ({
    field: known.includes(field) || !field.startsWith(GROUP) ? field.replaceAll('.', DOT) : NEW_VALUE,
    message,
  }));
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
