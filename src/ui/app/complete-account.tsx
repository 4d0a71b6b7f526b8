import type { ReactElement } from 'react';
import { ProofDialog } from '../frame/proof.js';
import AccountPage from '../pages/account/page.js';
import { Alone } from './alone.js';
import { SessionContext, type Session } from './session.js';

/** An account that must be completed first may read nothing yet. */
export default function CompleteAccount({ session }: { readonly session: Session }): ReactElement {
  return (
    <SessionContext value={session}>
      <Alone>
        <AccountPage />
        <ProofDialog />
      </Alone>
    </SessionContext>
  );
}
