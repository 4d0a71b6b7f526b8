import { ActionIcon, TextInput, type TextInputProps } from '@mantine/core';
import { useRef, type ReactElement } from 'react';
import { isDay } from '../lib/format.js';
import { Icon } from './icon.js';
import { parts } from './messages.js';

interface DayFieldProps extends Omit<TextInputProps, 'onChange' | 'value' | 'type'> {
  readonly value: string;
  readonly change: (value: string) => void;
}

/** A day as ISO text, as dates are shown everywhere; the calendar is that of the browser, whatever form its own field has. */
export function DayField({ value, change, ...others }: DayFieldProps): ReactElement {
  const calendar = useRef<HTMLInputElement>(null);
  return (
    <TextInput
      {...others}
      autoComplete="off"
      maxLength={10}
      placeholder={parts.dayFormat}
      value={value}
      onChange={({ currentTarget }) => change(currentTarget.value.trim())}
      rightSection={
        <span className="day-calendar">
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={parts.calendar}
            title={parts.calendar}
            onClick={() => calendar.current?.showPicker()}
          >
            <Icon name="calendar" />
          </ActionIcon>
          <input
            ref={calendar}
            type="date"
            tabIndex={-1}
            aria-hidden="true"
            value={isDay(value) ? value : ''}
            onChange={({ currentTarget }) => change(currentTarget.value)}
          />
        </span>
      }
    />
  );
}
