import { NativeSelect, Textarea, TextInput } from '@mantine/core';
import type { ReactElement } from 'react';
import { PasswordField } from '../../parts/password-field.js';
import { bodyOfValues, brokerFields, IDENTITY, SEAL_ANCHOR, type SetupStatus, type Step, type Values } from './form.js';
import { setup } from './messages.js';
import styles from './setup.module.css';

/** What a step of the form gets. */
export interface StepProps {
  readonly status: SetupStatus;
  readonly values: Values;
  readonly token: string;
  /** Whose money the orders would move, in words; '' until the server said it. */
  readonly account: string;
  readonly faultOf: (field: string) => string | undefined;
  readonly change: (field: string, value: string) => void;
  readonly go: (step: Step) => void;
}

/** What an input of the form has in common: value, fault, change. */
export function inputOf({ values, faultOf, change }: StepProps, field: string) {
  return {
    name: field,
    value: values[field] ?? '',
    error: faultOf(field),
    autoComplete: 'off',
    spellCheck: false,
    onChange: ({ currentTarget }: { readonly currentTarget: { readonly value: string } }) =>
      change(field, currentTarget.value),
  };
}

/** A field as the server describes it. */
export function ServerField({
  of,
  group,
  field: { name, label, secret, help },
  title = label,
}: {
  readonly of: StepProps;
  readonly group: string;
  readonly field: SetupStatus['mail'][number];
  readonly title?: string;
}): ReactElement {
  const Kind = secret ? PasswordField : TextInput;
  return (
    <Kind
      label={title}
      {...(help === '' ? {} : { description: help })}
      autoCapitalize="none"
      {...inputOf(of, `${group}.${name}`)}
    />
  );
}

export function IdentityStep(props: StepProps): ReactElement {
  return (
    <div className={styles['pair']}>
      {IDENTITY.map((name, index) => {
        const [label, help] = setup.identity[name];
        return (
          <TextInput
            key={name}
            label={label}
            description={help}
            maxLength={12}
            autoCapitalize="characters"
            autoFocus={index === 0}
            {...inputOf(props, `identity.${name}`)}
          />
        );
      })}
    </div>
  );
}

export function BrokerStep(props: StepProps): ReactElement {
  const { status, values, account } = props;
  const fields = brokerFields(status, values['broker'] ?? '');
  return (
    <>
      <NativeSelect
        label={setup.broker}
        data={status.brokers.map(({ code, label }) => ({ value: code, label }))}
        {...inputOf(props, 'broker')}
      />
      <div className={styles['pair']}>
        {fields.map((field) => (
          <ServerField key={field.name} of={props} group="brokerCredentials" field={field} />
        ))}
      </div>
      {account === '' ? null : (
        <p className={styles['account']} role="status">
          {account}
        </p>
      )}
    </>
  );
}

export function TradingStep(props: StepProps): ReactElement {
  return (
    <>
      <TextInput
        label={setup.float}
        description={setup.floatHelp}
        inputMode="decimal"
        leftSection="$"
        {...inputOf(props, 'openingFloat')}
      />
      <Textarea label={setup.symbols} description={setup.symbolsHelp} rows={3} {...inputOf(props, 'symbols')} />
    </>
  );
}

export function ExtrasStep(props: StepProps): ReactElement {
  return (
    <>
      <div className={styles['pair']}>
        {props.status.mail.map((field) => (
          <ServerField key={field.name} of={props} group="smtp" field={field} />
        ))}
      </div>
      <TextInput label={setup.anchor} description={setup.anchorHelp} {...inputOf(props, SEAL_ANCHOR)} />
    </>
  );
}

/** Everything that will be created, without a secret. */
export function ReviewStep({ status, values, account, faultOf, go }: StepProps): ReactElement {
  const body = bodyOfValues(values, status);
  const given = (group: Readonly<Record<string, string>> | undefined): string => {
    const names = Object.keys(group ?? {}).length;
    return names === 0 ? setup.none : `${names} ${setup.given}`;
  };
  const broker = status.brokers.find(({ code }) => code === body.broker)?.label ?? '';
  const rows: readonly (readonly [Step, string, string])[] = [
    ['identity', setup.parts.identity.title, Object.values(body.identity ?? {}).join('-')],
    ['broker', setup.broker, broker],
    ['broker', setup.whose, account],
    ['trading', setup.float, `$${body.openingFloat ?? ''}`],
    ['trading', setup.symbols, (body.symbols ?? []).join(', ')],
    ['journal', setup.journal, body.settings?.['JOURNAL_URL'] ?? setup.journalFile],
    ['extras', setup.parts.extras.title, given(body.smtp)],
    ['extras', setup.anchor, body.settings?.['SEAL_ANCHOR_DIR'] ?? setup.none],
  ];
  const faults = Object.entries(faultsIn(values, faultOf));
  return (
    <>
      <dl className={styles['review']}>
        {rows.map(([step, name, value]) => (
          <div key={name}>
            <dt>
              <button type="button" className="event-link" onClick={() => go(step)}>
                {name}
              </button>
            </dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {faults.map(([field, message]) => (
        <p key={field} className={styles['faults']}>
          {`${field}: ${message}`}
        </p>
      ))}
    </>
  );
}

function faultsIn(values: Values, faultOf: StepProps['faultOf']): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.keys(values).flatMap((field) => {
      const fault = faultOf(field);
      return fault === undefined ? [] : [[field, fault]];
    }),
  );
}
