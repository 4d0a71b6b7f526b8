import { useId, type ReactElement, type ReactNode } from 'react';

/** A part of a page with a heading; `aside` stands at the right of it. */
export function Card({
  title,
  aside,
  children,
}: {
  readonly title: string;
  readonly aside?: ReactNode;
  readonly children: ReactNode;
}): ReactElement {
  const id = useId();
  return (
    <section className="card" aria-labelledby={id}>
      <div className="card-head">
        <h2 id={id}>{title}</h2>
        {aside === undefined ? null : <div className="card-aside">{aside}</div>}
      </div>
      {children}
    </section>
  );
}

/** Names and values in a grid; a value is often a Figure. */
export function Facts({
  rows,
}: {
  /** A wide one has two columns, for a sentence. */
  readonly rows: readonly { readonly name: string; readonly value: ReactNode; readonly wide?: boolean }[];
}): ReactElement {
  return (
    <dl className="facts">
      {rows.map(({ name, value, wide = false }) => (
        <div key={name} className={wide ? 'facts-wide' : undefined}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** The state of something in one word; colour only where a person is needed. */
export function Pill({
  tone = 'calm',
  children,
}: {
  readonly tone?: 'calm' | 'on' | 'warn' | 'bad';
  readonly children: ReactNode;
}): ReactElement {
  return <span className={`pill pill-${tone}`}>{children}</span>;
}
