import { NativeSelect, Switch, Textarea, TextInput } from '@mantine/core';
import { memo, type ReactElement } from 'react';
import { grouped } from '../../lib/format.js';
import { Figure } from '../../parts/figure.js';
import { Pill } from '../../parts/card.js';
import { PasswordField } from '../../parts/password-field.js';
import { Time } from '../../parts/time.js';
import { settings as texts } from './messages.js';
import { startText, type Setting } from './model.js';
import styles from './settings.module.css';

/** Longer lists stand in several lines. */
const LONG_CHARS = 60;

/** One setting: what it does, its value, where that comes from, and what was typed. */
export const SettingRow = memo(function SettingRow({
  of,
  typed,
  base,
  fault,
  change,
}: {
  readonly of: Setting;
  /** Undefined while nothing was typed. */
  readonly typed: string | undefined;
  /** What was stored when the field was first edited. */
  readonly base: string | undefined;
  readonly fault: string | undefined;
  /** Undefined puts the stored value back. */
  readonly change: (key: string, text: string | undefined, stored: string) => void;
}): ReactElement {
  const set = (text: string | undefined): void => change(of.key, text, of.value);
  const changed = typed !== undefined && typed.trim() !== startText(of);
  const id = `setting-${of.key}`;
  return (
    <div className={styles['row']} data-key={of.key} data-changed={changed ? '' : undefined}>
      <div>
        <label className={styles['name']} htmlFor={id}>
          {of.label}
        </label>{' '}
        <code className={styles['key']}>{of.key}</code>
        <p className={styles['help']}>{of.help}</p>
        {of.locked === '' ? (
          <p className={styles['help']}>{ruleText(of)}</p>
        ) : (
          <p className={styles['help']}>{of.locked}</p>
        )}
      </div>
      <div className={styles['control']}>
        <Control of={of} id={id} value={typed ?? startText(of)} fault={fault} change={set} />
        {changed && base !== undefined && base !== of.value ? (
          <p className={styles['conflict']} role="status">
            {texts.changedMeanwhile(shown(base, of.secret), shown(of.value, of.secret), of.changed?.byName ?? '')}
          </p>
        ) : null}
        <Source of={of} />
        {changed ? (
          <p className={styles['source']}>
            <span className={styles['before']}>{shown(of.value, of.secret)}</span>
            <button type="button" className="event-link" onClick={() => set(undefined)}>
              {texts.undo}
            </button>
          </p>
        ) : null}
      </div>
    </div>
  );
});

function Control({
  of,
  id,
  value,
  fault,
  change,
}: {
  readonly of: Setting;
  readonly id: string;
  readonly value: string;
  readonly fault: string | undefined;
  readonly change: (text: string) => void;
}): ReactElement {
  const { kind, choices, secret, unit, locked } = of;
  const disabled = locked !== '';
  const common = { id, disabled, error: fault };
  if (kind === 'boolean') {
    return (
      <Switch
        {...common}
        label={value === 'true' ? texts.on : texts.off}
        checked={value === 'true'}
        onChange={({ currentTarget }) => change(String(currentTarget.checked))}
      />
    );
  }
  if (choices !== null && (kind === 'choice' || kind === 'name')) {
    return (
      <NativeSelect
        {...common}
        data={choices.map((one) => ({ value: one, label: one === '' ? texts.empty : one }))}
        value={value}
        onChange={({ currentTarget }) => change(currentTarget.value)}
      />
    );
  }
  const text = {
    ...common,
    value,
    autoComplete: 'off',
    onChange: ({ currentTarget }: { readonly currentTarget: { readonly value: string } }) =>
      change(currentTarget.value),
  };
  if (secret)
    return <PasswordField {...text} autoComplete="new-password" placeholder={of.value === '' ? '' : texts.secretSet} />;
  if (value.length > LONG_CHARS) return <Textarea {...text} rows={3} />;
  return (
    <TextInput
      {...text}
      inputMode={kind === 'count' || kind === 'number' || kind === 'decimal' ? 'decimal' : 'text'}
      rightSection={unit === '' ? undefined : <span className="dim">{unit}</span>}
      rightSectionWidth={unit === '' ? undefined : `${unit.length + 3}ch`}
    />
  );
}

/** The default, another setting, or the person who set it; a click explains the value from the journal. */
function Source({ of }: { readonly of: Setting }): ReactElement {
  const { changed, pending, takesEffect, change } = of;
  return (
    <p className={styles['source']}>
      {changed === null ? (
        <span>{sourceText(of)}</span>
      ) : (
        <Figure figure="setting" ask={`setting:${of.key}`}>
          {sourceText(of)}
          <span title={changed.reason}>
            , <Time at={changed.at} />
          </span>
        </Figure>
      )}
      {takesEffect ? <span>{change === 'hot' ? texts.hot : texts.cold}</span> : null}
      {pending === null ? null : <Pill tone="on">{texts.pendingMark(shown(pending.value, of.secret))}</Pill>}
    </p>
  );
}

function sourceText({ value, default: standard, inherits, changed }: Setting): string {
  if (inherits !== null && value === '') return texts.source.inherited(inherits);
  if (changed === null) return value === standard ? texts.source.default : texts.source.unknown;
  const by = texts.source.by(changed.byName);
  return value === standard ? `${texts.source.default}, ${by}` : by;
}

/** What a value must be, and what applies without one. */
function ruleText({ mustBe, unit, default: standard, secret, inherits, kind, choices }: Setting): string {
  const byDefault = inherits === null ? texts.byDefault(defaultText(kind, standard, unit)) : texts.inherited(inherits);
  const isChosen = kind === 'boolean' || choices !== null;
  return [isChosen ? '' : texts.mustBe(largeNumbers(mustBe)), secret ? '' : byDefault].filter(Boolean).join(' ');
}

function defaultText(kind: Setting['kind'], value: string, unit: string): string {
  if (kind === 'boolean') return (value === 'true' ? texts.on : texts.off).toLowerCase();
  if (value === '') return texts.empty;
  return unit === '' ? largeNumbers(value) : `${largeNumbers(value)} ${unit}`;
}

/** Zeros of billions are counted by nobody. */
function largeNumbers(text: string): string {
  return text.replace(/(?<![\d.])\d{5,}/g, grouped);
}

/** A value as a person reads it; a secret is hidden. */
export function shown(text: string | null, secret: boolean): string {
  if (secret) return texts.hidden;
  return text === null || text === '' ? texts.empty : text;
}
