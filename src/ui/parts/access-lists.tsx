import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import type { components } from '../generated/api.js';
import { Pill } from './card.js';
import { DataTable, type Column } from './data-table.js';
import { parts } from './messages.js';
import { Time } from './time.js';

type Session = components['schemas']['SessionListItem'];
type Token = components['schemas']['TokenListItem'];

const { access: texts } = parts;

/** Sessions of a user; `end` adds a button to each that is not this one. */
export function SessionsTable({
  of,
  end,
}: {
  readonly of: readonly Session[];
  readonly end?: (sessionRef: string) => void;
}): ReactElement {
  const columns: readonly Column<Session>[] = [
    { key: 'address', head: texts.address, cell: ({ address }) => address },
    { key: 'since', head: texts.since, cell: ({ createdAt }) => <Time at={createdAt} /> },
    { key: 'seen', head: texts.seen, wide: true, cell: ({ lastSeenAt }) => <Time at={lastSeenAt} /> },
    { key: 'method', head: texts.method, wide: true, cell: ({ method }) => texts.methods[method] ?? method },
    { key: 'expires', head: texts.expires, wide: true, cell: ({ expiresAt }) => <Time at={expiresAt} /> },
    {
      ...{ key: 'end', head: '' },
      cell: ({ current, sessionRef, address }) =>
        current ? (
          <Pill>{texts.thisSession}</Pill>
        ) : end === undefined ? null : (
          <Button size="compact-xs" variant="default" aria-label={texts.endOf(address)} onClick={() => end(sessionRef)}>
            {texts.end}
          </Button>
        ),
    },
  ];
  return (
    <DataTable
      label={texts.sessions}
      columns={columns}
      rows={of}
      rowKey={({ sessionRef }) => sessionRef}
      empty={texts.noSessions}
    />
  );
}

/** Tokens for scripts of a user, without the tokens themselves. */
export function TokensTable({
  of,
  revoke,
}: {
  readonly of: readonly Token[];
  readonly revoke: (token: Token) => void;
}): ReactElement {
  const columns: readonly Column<Token>[] = [
    { key: 'label', head: texts.label, cell: ({ label }) => label },
    { key: 'role', head: texts.role, cell: ({ role }) => role },
    { key: 'made', head: texts.made, wide: true, cell: ({ createdAt }) => <Time at={createdAt} /> },
    { key: 'expires', head: texts.expires, cell: ({ expiresAt }) => <Time at={expiresAt} /> },
    {
      ...{ key: 'used', head: texts.used, wide: true },
      cell: ({ lastUsedAt }) => (lastUsedAt === null ? texts.never : <Time at={lastUsedAt} />),
    },
    {
      ...{ key: 'revoke', head: '' },
      cell: (token) => (
        <Button
          size="compact-xs"
          variant="default"
          aria-label={texts.revokeOf(token.label)}
          onClick={() => revoke(token)}
        >
          {texts.revoke}
        </Button>
      ),
    },
  ];
  return (
    <DataTable
      label={texts.tokens}
      columns={columns}
      rows={of}
      rowKey={({ tokenId }) => tokenId}
      empty={texts.noTokens}
    />
  );
}

/** What "end all sessions" did. */
export function endedText({ ended, tokensRevoked }: components['schemas']['EndedAnswer']): string {
  return texts.ended(ended, tokensRevoked);
}
