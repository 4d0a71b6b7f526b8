import { useEffect, useState, type ReactElement } from 'react';
import { createPortal } from 'react-dom';
import { app } from './messages.js';

/** Where a field has no limit of its own: what fits into one request with room for the rest of it. */
const MOST_CHARS = 50_000;

type Field = HTMLInputElement | HTMLTextAreaElement;

interface Refused {
  readonly field: Field;
  readonly text: string;
}

/**
 * A text that is pasted or dropped into any field of the app and is too long for it is refused there, as a whole: the browser
 * would cut it without a word, or be busy with it for long.
 */
export function LongTexts(): ReactElement | null {
  const [refused, setRefused] = useState<Refused | null>(null);
  useEffect(() => {
    const take = (event: Event, data: DataTransfer | null): void => {
      const field = fieldOf(event.target);
      const text = field === null ? null : faultOf(field, data?.getData('text') ?? '');
      if (field === null || text === null) return;
      event.preventDefault();
      setRefused({ field, text });
    };
    const paste = (event: ClipboardEvent): void => take(event, event.clipboardData);
    const drop = (event: DragEvent): void => take(event, event.dataTransfer);
    const clear = (): void => setRefused(null);
    document.addEventListener('paste', paste, true);
    document.addEventListener('drop', drop, true);
    document.addEventListener('input', clear, true);
    return () => {
      document.removeEventListener('paste', paste, true);
      document.removeEventListener('drop', drop, true);
      document.removeEventListener('input', clear, true);
    };
  }, []);
  const place = refused?.field.closest('.mantine-InputWrapper-root');
  if (refused === null || place?.isConnected !== true) return null;
  return createPortal(
    <p className="field-fault" role="alert">
      {refused.text}
    </p>,
    place,
  );
}

function fieldOf(target: EventTarget | null): Field | null {
  return target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement ? target : null;
}

/** Null when the field can take the text in place of what is selected. */
function faultOf({ value, selectionStart, selectionEnd, maxLength }: Field, text: string): string | null {
  const selected = (selectionEnd ?? 0) - (selectionStart ?? 0);
  const length = value.length - selected + text.length;
  const most = maxLength > 0 ? maxLength : MOST_CHARS;
  return length > most ? app.tooLong(most, length) : null;
}
