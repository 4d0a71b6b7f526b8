import { Button, CopyButton } from '@mantine/core';
import type { ReactElement } from 'react';
import { account as texts } from './messages.js';

/** What the server shows once: to be copied before it is gone. */
export function ShownOnce({
  text,
  lines,
  done,
}: {
  readonly text: string;
  readonly lines: readonly string[];
  readonly done: () => void;
}): ReactElement {
  const all = lines.join('\n');
  return (
    <div className="form">
      <p>{text}</p>
      <pre className="raw-text" tabIndex={0}>
        {all}
      </pre>
      <div className="form-buttons">
        <CopyButton value={all}>
          {({ copied, copy }) => <Button onClick={copy}>{copied ? texts.copied : texts.copy}</Button>}
        </CopyButton>
        <Button variant="default" onClick={done}>
          {texts.done}
        </Button>
      </div>
    </div>
  );
}
