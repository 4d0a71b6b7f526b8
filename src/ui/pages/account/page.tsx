import type { ReactElement } from 'react';
import { useSession } from '../../app/session.js';
import { Card, Facts } from '../../parts/card.js';
import { NoValue } from '../../parts/money.js';
import { RoleMatrix } from '../../parts/role-matrix.js';
import { Notice } from '../../parts/state.js';
import { CloseAccount } from './close.js';
import { account as texts } from './messages.js';
import { PasswordCard } from './password.js';
import { FactorCard } from './factor.js';
import { SessionsCard } from './sessions.js';
import { TokensCard } from './tokens.js';

/** The own account: password, second factor, sessions, tokens, and what the role may do. */
export default function AccountPage(): ReactElement {
  const { user, secondFactor, recoveryCodesLeft, email } = useSession();
  const { facts } = texts;
  if (user.mustChangePassword) {
    return (
      <div className="cards">
        <Notice icon="key" title={texts.mustChange} tone="warn">
          {texts.mustChangeWhy}
        </Notice>
        <PasswordCard />
      </div>
    );
  }
  if (user.mustEnrolSecondFactor) {
    return (
      <div className="cards">
        <Notice icon="key" title={texts.mustEnrol} tone="warn">
          {texts.mustEnrolWhy}
        </Notice>
        <FactorCard />
      </div>
    );
  }
  return (
    <div className="cards">
      <Card title={texts.you}>
        <Facts
          rows={[
            { name: facts.name, value: user.name },
            { name: facts.role, value: user.role },
            { name: facts.email, value: email ?? <span className="dim">{texts.noEmail}</span> },
            { name: facts.factor, value: secondFactor ? texts.on : texts.off },
            { name: facts.codes, value: secondFactor ? recoveryCodesLeft : <NoValue why={texts.off} /> },
          ]}
        />
      </Card>
      <div className="cards cards-2">
        <PasswordCard />
        <FactorCard />
      </div>
      <SessionsCard />
      <TokensCard />
      <Card title={texts.may}>
        <RoleMatrix own={user.role} />
      </Card>
      <CloseAccount />
    </div>
  );
}
