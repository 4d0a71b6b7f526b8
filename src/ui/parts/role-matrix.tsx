import type { ReactElement } from 'react';
import { api } from '../api/client.js';
import { useApi } from '../api/query.js';
import { Icon } from './icon.js';
import { parts } from './messages.js';
import { Notice, State } from './state.js';

/** What each role may do, as the server enforces it; the column of the own role stands out. */
export function RoleMatrix({ own }: { readonly own: string }): ReactElement {
  const found = useApi(['roles'], (signal) => api.GET('/api/roles', { signal }));
  return (
    <State of={found} lines={8}>
      {({ roles, permissions, enforced }) => (
        <>
          {enforced ? null : <Notice icon="alert" tone="warn" title={parts.roles.off} />}
          <div className="scroll-x" tabIndex={0} role="region" aria-label={parts.roles.matrix}>
            <table className="plain-table role-matrix">
              <thead>
                <tr>
                  <th scope="col">{parts.roles.may}</th>
                  {roles.map((role) => (
                    <th key={role} scope="col" data-own={role === own ? '' : undefined}>
                      {role}
                      {role === own ? <span className="from-tablet"> {parts.roles.yours}</span> : null}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {permissions.map((one) => (
                  <tr key={one.permission}>
                    <th scope="row">{one.text}</th>
                    {roles.map((role) => (
                      <td key={role} data-own={role === own ? '' : undefined}>
                        {one.roles.includes(role) ? (
                          <>
                            <Icon name="check" size={14} />
                            <span className="sr-only">{parts.roles.yes}</span>
                          </>
                        ) : (
                          <span className="sr-only">{parts.roles.no}</span>
                        )}
                      </td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
    </State>
  );
}
