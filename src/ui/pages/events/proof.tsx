import type { ReactElement } from 'react';
import { shortPosition } from '../../lib/format.js';
import { Card, Facts, Pill } from '../../parts/card.js';
import { EventPageLink } from '../../parts/event-link.js';
import { Notice } from '../../parts/state.js';
import { Time } from '../../parts/time.js';
import { BookTask } from '../../parts/book-task.js';
import type { OneEvent } from './event-page.js';
import styles from './event.module.css';
import { events } from './messages.js';

const { one: texts } = events;

/** What proves an event: its link in the chain of hashes, and the seal over it. */
export function Proof({ of }: { readonly of: OneEvent }): ReactElement {
  const { event, prevHash, computedHash, intact, seal } = of;
  return (
    <Card
      title={texts.proof}
      aside={<Pill tone={intact ? 'calm' : 'bad'}>{intact ? texts.intact : texts.broken}</Pill>}
    >
      <div className={styles['chain']}>
        {intact ? null : (
          <Notice icon="alert" title={texts.broken} tone="bad">
            {texts.brokenWhy}
          </Notice>
        )}
        <Hash name={texts.hashes.before} of={prevHash} />
        <Hash name={texts.hashes.stored} of={event.hash} />
        {computedHash === event.hash ? (
          <p className={styles['hash']}>
            <span className="dim">{texts.hashes.computed}</span>
            <span>{texts.same}</span>
          </p>
        ) : (
          <Hash name={texts.hashes.computed} of={computedHash} />
        )}
        {seal === null ? (
          <p className="dim">{texts.notSealed}</p>
        ) : (
          <Facts
            rows={[
              { name: texts.seal, value: texts.sealed(seal.sealId, seal.count) },
              { name: texts.upTo, value: <span className="num">{shortPosition(seal.upTo)}</span> },
              { name: texts.sealedAt, value: <Time at={seal.sealedAt} /> },
              { name: texts.showSeal, value: <EventPageLink position={seal.position} type="JournalSealed" /> },
            ]}
          />
        )}
        {seal === null ? null : (
          <p className={styles['hash']}>
            <span className="dim">{texts.prove}</span>
            <code>tradebot proof {event.id}</code>
          </p>
        )}
        <BookTask kind="verify" />
      </div>
    </Card>
  );
}

function Hash({ name, of }: { readonly name: string; readonly of: string }): ReactElement {
  return (
    <p className={styles['hash']}>
      <span className="dim">{name}</span>
      <code>{of}</code>
    </p>
  );
}
