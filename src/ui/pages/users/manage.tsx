import { Button, Checkbox, NativeSelect, TextInput } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { api, send, type Answered } from '../../api/client.js';
import { asProblem, type Problem } from '../../api/problem.js';
import { queries, useApi } from '../../api/query.js';
import { oneTimePassword } from '../../lib/one-time-password.js';
import { endedText, SessionsTable, TokensTable } from '../../parts/access-lists.js';
import { faultsOf } from '../../parts/faults.js';
import { parts } from '../../parts/messages.js';
import { ProblemNotice, State } from '../../parts/state.js';
import { users } from './messages.js';
import { ROLES } from './new-user.js';
import type { User } from './page.js';

const { change: texts, form: labels } = users;

/** Fields of this dialog as the server names them. */
const FIELDS: ReadonlySet<string> = new Set(['role', 'reason', 'password']);

/** Does one change after the other; what fails stays on the page. */
interface Acts {
  readonly busy: boolean;
  /** Of the last change, by name of the field. */
  readonly faults: Readonly<Record<string, string>>;
  readonly run: <Body>(call: () => Promise<Answered<Body>>, text: (body: Body) => string) => void;
}

/** Everything that an admin does with the account of another user; `done` says what was done. */
export function Manage({ user, done }: { readonly user: User; readonly done: (text: string) => void }): ReactElement {
  const [problem, setProblem] = useState<Problem | null>(null);
  const [faults, setFaults] = useState<Acts['faults']>({});
  const [busy, setBusy] = useState(false);
  const run = async <Body,>(call: () => Promise<Answered<Body>>, text: (body: Body) => string): Promise<void> => {
    if (busy) return;
    setBusy(true);
    setProblem(null);
    setFaults({});
    try {
      const body = await send(call);
      void queries.invalidateQueries({ queryKey: ['users'] });
      void queries.invalidateQueries({ queryKey: ['user', user.userId] });
      done(text(body));
    } catch (error) {
      const refused = asProblem(error);
      const { atFields, all } = faultsOf(refused, (field) => FIELDS.has(field));
      setFaults(atFields);
      if (!all) setProblem(refused);
    } finally {
      setBusy(false);
    }
  };
  const acts: Acts = { busy, faults, run: (call, text) => void run(call, text) };
  return (
    <div className="form">
      {problem === null ? null : <ProblemNotice problem={problem} />}
      <RolePart user={user} acts={acts} />
      <AccountPart user={user} acts={acts} />
      <AccessPart user={user} acts={acts} />
      <Lists user={user} acts={acts} />
    </div>
  );
}

interface Part {
  readonly user: User;
  readonly acts: Acts;
}

/** What takes an admin away needs the typed name. */
function useAdminName({ name, role, disabled }: User): {
  readonly field: ReactElement | null;
  readonly missing: boolean;
} {
  const [typed, setTyped] = useState('');
  const needed = role === 'admin' && !disabled;
  return {
    missing: needed && typed.trim() !== name,
    field: needed ? (
      <TextInput
        label={texts.confirmAdmin(name)}
        description={texts.confirmWhy(name)}
        autoComplete="off"
        autoCapitalize="none"
        value={typed}
        error={name.startsWith(typed.trim()) ? undefined : texts.nameDiffers}
        onChange={({ currentTarget }) => setTyped(currentTarget.value)}
      />
    ) : null,
  };
}

function RolePart({ user, acts }: Part): ReactElement {
  const { userId: id, name } = user;
  const [role, setRole] = useState(user.role);
  const { field, missing } = useAdminName(user);
  const demotes = user.role === 'admin' && role !== 'admin';
  return (
    <>
      <div className="form-row">
        <NativeSelect
          label={labels.role}
          data={[...ROLES]}
          value={role}
          error={acts.faults['role']}
          onChange={({ currentTarget }) => setRole(currentTarget.value as User['role'])}
        />
        <Button
          loading={acts.busy}
          disabled={role === user.role || (demotes && missing)}
          onClick={() =>
            acts.run(
              () => api.PUT('/api/users/{id}/role', { params: { path: { id } }, body: { role } }),
              () => texts.roleSaved(name),
            )
          }
        >
          {texts.saveRole}
        </Button>
      </div>
      {demotes ? field : null}
    </>
  );
}

function AccountPart({ user, acts }: Part): ReactElement {
  const { userId: id, name, disabled, lockedUntil } = user;
  const [reason, setReason] = useState('');
  const { field, missing } = useAdminName(user);
  const given = { params: { path: { id } }, body: { reason: reason.trim() } };
  const empty = reason.trim() === '';
  return (
    <>
      <TextInput
        label={texts.reason}
        description={texts.reasonHelp}
        maxLength={200}
        value={reason}
        error={acts.faults['reason']}
        onChange={({ currentTarget }) => setReason(currentTarget.value)}
      />
      {field}
      <div className="form-buttons">
        {lockedUntil === null ? null : (
          <Button
            variant="default"
            disabled={empty}
            onClick={() =>
              acts.run(
                () => api.POST('/api/users/{id}/unlock', given),
                () => texts.isUnlocked(name),
              )
            }
          >
            {texts.unlock}
          </Button>
        )}
        {disabled ? (
          <Button
            disabled={empty}
            onClick={() =>
              acts.run(
                () => api.POST('/api/users/{id}/enable', given),
                () => texts.isEnabled(name),
              )
            }
          >
            {texts.enable}
          </Button>
        ) : (
          <Button
            color="red"
            disabled={empty || missing}
            onClick={() =>
              acts.run(
                () => api.POST('/api/users/{id}/disable', given),
                () => texts.isDisabled(name),
              )
            }
          >
            {texts.disable}
          </Button>
        )}
      </div>
    </>
  );
}

function AccessPart({ user, acts }: Part): ReactElement {
  const { userId: id, name, email, secondFactor } = user;
  const params = { path: { id } };
  const [password, setPassword] = useState('');
  return (
    <>
      <h3>{texts.access}</h3>
      {password === '' ? null : (
        <>
          <TextInput
            label={labels.password}
            description={texts.passwordText}
            value={password}
            error={acts.faults['password']}
            autoComplete="off"
            onChange={({ currentTarget }) => setPassword(currentTarget.value)}
          />
        </>
      )}
      <div className="form-buttons">
        <Button
          variant={password === '' ? 'default' : 'filled'}
          {...(password === '' ? {} : { color: 'red' })}
          onClick={() => {
            if (password === '') setPassword(oneTimePassword());
            else
              acts.run(
                () => api.PUT('/api/users/{id}/password', { params, body: { password } }),
                () => texts.passwordSet(name),
              );
          }}
        >
          {texts.setPassword}
        </Button>
        {email === null ? null : (
          <Button
            variant="default"
            onClick={() =>
              acts.run(
                () => api.POST('/api/users/{id}/password-reset', { params }),
                () => texts.mailed(name),
              )
            }
          >
            {texts.mailReset}
          </Button>
        )}
        {secondFactor ? (
          <Button
            variant="default"
            onClick={() =>
              acts.run(
                () => api.DELETE('/api/users/{id}/second-factor', { params }),
                () => texts.factorRemoved(name),
              )
            }
          >
            {texts.removeFactor}
          </Button>
        ) : null}
      </div>
    </>
  );
}

function Lists({ user: { userId: id, name }, acts }: Part): ReactElement {
  const params = { path: { id } };
  const sessions = useApi(['user', id, 'sessions'], (signal) =>
    api.GET('/api/users/{id}/sessions', { signal, params }),
  );
  const tokens = useApi(['user', id, 'tokens'], (signal) => api.GET('/api/users/{id}/tokens', { signal, params }));
  const [also, setAlso] = useState(false);
  return (
    <>
      <h3>{parts.access.sessions}</h3>
      <State of={sessions} lines={2}>
        {(items) => <SessionsTable of={items} />}
      </State>
      <div className="form-row">
        <Button
          variant="default"
          onClick={() =>
            acts.run(
              () => api.DELETE('/api/users/{id}/sessions', { params: { ...params, query: { tokens: also } } }),
              (ended) => `${name}: ${endedText(ended)}`,
            )
          }
        >
          {texts.logOut}
        </Button>
        <Checkbox
          label={texts.alsoTokens}
          checked={also}
          onChange={({ currentTarget }) => setAlso(currentTarget.checked)}
        />
      </div>
      <h3>{parts.access.tokens}</h3>
      <State of={tokens} lines={2}>
        {(items) => (
          <TokensTable
            of={items}
            revoke={({ tokenId, label }) =>
              acts.run(
                () => api.DELETE('/api/users/{id}/tokens/{tokenId}', { params: { path: { id, tokenId } } }),
                () => texts.tokenRevoked(label),
              )
            }
          />
        )}
      </State>
    </>
  );
}
