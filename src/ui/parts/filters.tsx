import { NativeSelect } from '@mantine/core';
import { useEffect, useState, type ReactElement } from 'react';
import { isDay } from '../lib/format.js';
import { useParams, useSetParams } from '../lib/url.js';
import type { Option } from './choices.js';
import { DayField } from './day-field.js';
import { parts } from './messages.js';

/** A choice that stands in the address as `param`; the first option is the one of an address without it. */
export function FilterChoice({
  param,
  label,
  options,
}: {
  readonly param: string;
  readonly label: string;
  readonly options: readonly Option[];
}): ReactElement {
  const { [param]: chosen } = useParams();
  const setParams = useSetParams();
  const first = options[0]?.value ?? '';
  return (
    <NativeSelect
      size="sm"
      aria-label={label}
      data={[...options]}
      value={options.some(({ value }) => value === chosen) ? chosen : first}
      onChange={({ currentTarget: { value } }) => setParams({ [param]: value === first ? '' : value })}
    />
  );
}

/** A day that stands in the address as `param`; `mark` is the word before it in the box. */
export function FilterDay({
  param,
  label,
  mark,
}: {
  readonly param: string;
  readonly label: string;
  readonly mark: string;
}): ReactElement {
  const { [param]: day = '' } = useParams();
  const setParams = useSetParams();
  const [typed, setTyped] = useState(day);
  useEffect(() => setTyped(day), [day]);
  const fault = typed === '' || isDay(typed) ? undefined : parts.noDay;
  return (
    <DayField
      size="sm"
      aria-label={label}
      title={label}
      leftSection={<span className="filter-mark">{mark}</span>}
      leftSectionWidth={48}
      value={typed}
      error={fault}
      change={(value) => {
        setTyped(value);
        if (value === '' || isDay(value)) setParams({ [param]: value });
      }}
    />
  );
}
