import { PasswordInput, type PasswordInputProps } from '@mantine/core';
import type { ReactElement } from 'react';

/** A password field that says to a screen reader that its value is refused, as each other field does by itself. */
export function PasswordField(props: PasswordInputProps): ReactElement {
  return <PasswordInput {...props} {...(props.error ? { 'aria-invalid': true } : {})} />;
}
