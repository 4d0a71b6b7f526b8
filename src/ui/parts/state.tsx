import { Button, Skeleton } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactElement, ReactNode } from 'react';
import type { Problem } from '../api/problem.js';
import { capital } from '../lib/format.js';
import { Icon, type IconName } from './icon.js';
import { parts } from './messages.js';

/** A page or card without content: what is the case, why, and what to do. */
export function Notice({
  icon,
  title,
  children,
  tone = 'calm',
  action,
}: {
  readonly icon: IconName;
  readonly title: string;
  readonly children?: ReactNode;
  readonly tone?: 'plain' | 'calm' | 'warn' | 'bad';
  readonly action?: ReactNode;
}): ReactElement {
  return (
    <div className={`notice notice-${tone}`} role={tone === 'bad' ? 'alert' : 'status'}>
      <Icon name={icon} size={20} />
      <div>
        <p className="notice-title">{title}</p>
        {children === undefined ? null : <div className="notice-text">{children}</div>}
        {action}
      </div>
    </div>
  );
}

/** There is nothing to show, and that is no fault. */
export function Empty({ title, children }: { readonly title: string; readonly children?: ReactNode }): ReactElement {
  return (
    <Notice icon="list" title={title} tone="plain">
      {children}
    </Notice>
  );
}

/** How the bot could be safer: advice for a quiet hour, so without a colour. */
export function Advice({ texts }: { readonly texts: readonly string[] }): ReactElement {
  return (
    <>
      {texts.map((text) => (
        <Notice key={text} icon="key" title={parts.advice}>
          {text}
        </Notice>
      ))}
    </>
  );
}

/** Lines in place of what is being read: never a zero, and as high as what comes. */
export function Loading({ lines = 4 }: { readonly lines?: number }): ReactElement {
  return (
    <div className="loading" role="status" aria-label={parts.loading}>
      {Array.from({ length: lines }, (_, at) => (
        <Skeleton key={at} height={14} width={`${90 - ((at * 17) % 45)}%`} radius="sm" />
      ))}
    </div>
  );
}

const NO_POSITION = 'there is no position ';

/** A refusal of the server with its remedy: offline, forbidden, missing and faulty each read as what they are. */
export function ProblemNotice({
  problem,
  again,
}: {
  readonly problem: Problem;
  readonly again?: () => void;
}): ReactElement {
  const { status } = problem;
  // What the server refuses as it stands is refused again.
  const retry =
    again === undefined || status === 422 ? undefined : (
      <Button size="xs" variant="default" onClick={again}>
        {parts.tryAgain}
      </Button>
    );
  const [first] = problem.faults;
  // A position of the address is none: there is nothing to correct on the page.
  if (first?.message.startsWith(NO_POSITION) === true)
    return <Notice icon="clock" title={`${capital(first.message)}.`} />;
  const faults = problem.faults.map(({ field, message }) => <p key={field + message}>{`${field}: ${message}`}</p>);
  if (status === 0 || status === 503) {
    return (
      <Notice icon="live" title={problem.message} tone="warn" action={retry}>
        {problem.remedy}
      </Notice>
    );
  }
  if (status === 403) {
    return (
      <Notice icon="key" title={problem.message}>
        {problem.remedy || parts.askAdmin}
      </Notice>
    );
  }
  if (status === 404) {
    return (
      <Notice icon="search" title={problem.message}>
        {problem.remedy}
      </Notice>
    );
  }
  return (
    <Notice icon="alert" title={problem.message} tone="bad" action={retry}>
      {faults}
      {problem.remedy}
    </Notice>
  );
}

/**
 * The states of an answer in one place: lines while it is read, the problem when it failed, a mark when what is shown is
 * old because the newest try failed, and its content otherwise.
 */
export function State<Body>({
  of,
  lines,
  children,
}: {
  readonly of: UseQueryResult<Body, Problem>;
  readonly lines?: number;
  readonly children: (body: Body) => ReactNode;
}): ReactElement {
  if (of.data === undefined) {
    if (of.error !== null) return <ProblemNotice problem={of.error} again={() => void of.refetch()} />;
    return <Loading {...(lines === undefined ? {} : { lines })} />;
  }
  return (
    <>
      {of.error === null ? null : (
        <p className="stale" role="status">
          <Icon name="clock" size={14} /> {parts.old(of.error.message)}
        </p>
      )}
      {children(of.data)}
    </>
  );
}
