import { NativeSelect, TextInput } from '@mantine/core';
import type { ReactElement } from 'react';
import { useParams, useSetParams } from '../lib/url.js';

/** A choice that stands in the address as `param`; the first option is the one of an address without it. */
export function FilterChoice({
  param,
  label,
  options,
}: {
  readonly param: string;
  readonly label: string;
  readonly options: readonly { readonly value: string; readonly label: string }[];
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
  return (
    <TextInput
      type="date"
      size="sm"
      aria-label={label}
      title={label}
      leftSection={<span className="filter-mark">{mark}</span>}
      leftSectionWidth={48}
      value={day}
      onChange={({ currentTarget }) => setParams({ [param]: currentTarget.value })}
    />
  );
}
