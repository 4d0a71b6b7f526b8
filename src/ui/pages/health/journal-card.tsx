import { Button, Modal, TextInput } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { api, send } from '../../api/client.js';
import { queries, useApi } from '../../api/query.js';
import { useMay } from '../../app/session.js';
import { useJournalState } from '../../frame/journal-chip.js';
import type { components } from '../../generated/api.js';
import { capital, grouped, shortPosition } from '../../lib/format.js';
import { BookTask } from '../../parts/book-task.js';
import { Card, Facts } from '../../parts/card.js';
import { EventPageLink } from '../../parts/event-link.js';
import { FormBody, useServerForm } from '../../parts/form.js';
import { Notice, State } from '../../parts/state.js';
import { Time } from '../../parts/time.js';
import { health as texts } from './messages.js';

type Held = components['schemas']['HeldStreamAnswer'];

const STATE = ['journal-state'] as const;
const REFRESH = [STATE];
const { facts: names } = texts;

/** How long the journal is, how far it is verified and sealed, and what others did to it on its server. */
export function JournalCard(): ReactElement {
  const state = useJournalState();
  return (
    <Card title={texts.journal}>
      <State of={state} lines={5}>
        {({ head, count, verified, seal }) => (
          <div className="cards">
            <Facts
              rows={[
                { name: names.head, value: <Position of={head} /> },
                { name: names.count, value: <span className="num">{grouped(String(count))}</span> },
                { name: names.verified, value: <Position of={verified?.position ?? null} /> },
                { name: names.verifiedAt, value: <Time at={verified?.at} /> },
                {
                  name: names.seal,
                  value: seal === null ? texts.noSeal : <EventPageLink position={seal.event} type={seal.sealId} />,
                },
                { name: names.sealed, value: <Time at={seal?.at} /> },
              ]}
            />
            <HeldStreams />
            <div className="form-row">
              <BookTask kind="verify" refresh={REFRESH} />
              <BookTask kind="seal" refresh={REFRESH} />
            </div>
          </div>
        )}
      </State>
    </Card>
  );
}

function Position({ of }: { readonly of: string | null }): ReactElement {
  return of === null ? <span className="dim">{texts.never}</span> : <span className="num">{shortPosition(of)}</span>;
}

const POLL_MS = 10_000;

/** Streams on the server of the journal that others reached; an admin acknowledges foreign events there. */
function HeldStreams(): ReactElement | null {
  const held = useApi(['held-streams'], (signal) => api.GET('/api/journal/streams', { signal }), { pollMs: POLL_MS });
  const mayAcknowledge = useMay('streams');
  const [asked, setAsked] = useState<Held | null>(null);
  if (held.data === undefined || held.data.streams.length === 0) return null;
  return (
    <>
      {held.data.streams.map((one) => (
        <Notice
          key={one.stream}
          icon="alert"
          tone="bad"
          title={`${texts.held[one.kind] ?? one.kind} (${one.stream})`}
          action={
            one.kind === 'blocked' && mayAcknowledge ? (
              <Button size="xs" variant="default" onClick={() => setAsked(one)}>
                {texts.acknowledge}
              </Button>
            ) : undefined
          }
        >
          <p>
            {capital(one.text)}. {texts.heldWhy}
          </p>
          <p>{one.remedy}</p>
        </Notice>
      ))}
      <Modal
        opened={asked !== null}
        onClose={() => setAsked(null)}
        title={texts.acknowledgeTitle(asked?.stream ?? '')}
        closeButtonProps={{ 'aria-label': texts.cancel }}
      >
        {asked === null ? null : <Acknowledge of={asked} close={() => setAsked(null)} />}
      </Modal>
    </>
  );
}

function Acknowledge({ of, close }: { readonly of: Held; readonly close: () => void }): ReactElement {
  const state = useServerForm({
    values: { reason: '' },
    send: ({ reason }) =>
      send(() =>
        api.POST('/api/journal/streams/acknowledge', {
          body: { stream: of.stream, sha256: of.sha256 ?? '', reason: reason.trim() },
        }),
      ),
    done: () => {
      void queries.invalidateQueries({ queryKey: ['held-streams'] });
      close();
    },
  });
  return (
    <FormBody of={state} label={texts.acknowledge} cancel={close}>
      <p>{capital(of.text)}.</p>
      <p className="dim">{texts.acknowledgeText}</p>
      <TextInput
        label={texts.reason}
        description={texts.reasonHelp}
        maxLength={300}
        data-autofocus
        {...state.form.getInputProps('reason')}
      />
    </FormBody>
  );
}
