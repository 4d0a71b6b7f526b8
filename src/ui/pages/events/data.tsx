import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState, type ReactElement } from 'react';
import { EventLink } from '../../parts/event-link.js';
import styles from './event.module.css';
import { fieldsOf, type Field } from './fields.js';
import { events as texts } from './messages.js';

/** Members of a list that are shown at once. */
const FIRST = 20;

/** The data of an event: each field with its value, lists and parts indented. */
export function Fields({ of }: { readonly of: object }): ReactElement {
  const fields = fieldsOf(of);
  const [all, setAll] = useState(false);
  const shown = all ? fields : fields.slice(0, FIRST);
  return (
    <>
      <dl className={styles['fields']}>
        {shown.map((field) => (
          <div key={field.name}>
            <dt>{field.name}</dt>
            <dd>
              <Value of={field} />
            </dd>
          </div>
        ))}
      </dl>
      {shown.length === fields.length ? null : (
        <Button size="compact-xs" variant="default" onClick={() => setAll(true)}>
          {texts.one.more(fields.length - shown.length)}
        </Button>
      )}
    </>
  );
}

function Value({ of: { kind, text, parts } }: { readonly of: Field }): ReactElement {
  switch (kind) {
    case 'parts':
      return <Fields of={parts} />;
    case 'order':
      return (
        <Link className="event-link" to="/orders/$id" params={{ id: text }} search={{}}>
          {text}
        </Link>
      );
    case 'event':
      return <EventLink id={text} type={text} />;
    case 'none':
      return <span className="dim">{text}</span>;
    case 'text':
      return <span className="num">{text}</span>;
  }
}
