import { Button, NativeSelect, Radio, TextInput } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { api, bodyOf } from '../../api/client.js';
import { asProblem, type Problem } from '../../api/problem.js';
import type { components } from '../../generated/api.js';
import { Pill } from '../../parts/card.js';
import { Notice, ProblemNotice } from '../../parts/state.js';
import { bodyOfValues, JOURNAL, JOURNAL_URL } from './form.js';
import { setup } from './messages.js';
import styles from './setup.module.css';
import { inputOf, ServerField, type StepProps } from './steps.js';
import { withSetupToken } from './token.js';

type Found = components['schemas']['JournalCheckAnswer'];

const TONES = { ok: 'on', warning: 'warn', failed: 'bad', open: 'calm' } as const;

/** Where the events are kept: a file of the home, or a server, which can be looked at before anything is created. */
export function JournalStep(props: StepProps): ReactElement {
  const { values, change, status } = props;
  const onServer = values[JOURNAL.kind] === 'server';
  return (
    <>
      <Radio.Group
        label={setup.journal}
        value={values[JOURNAL.kind] ?? 'file'}
        onChange={(kind) => change(JOURNAL.kind, kind)}
      >
        <div className={styles['pair']}>
          <Radio value="file" label={setup.journalFile} description={setup.journalFileHelp} />
          <Radio value="server" label={setup.journalServer} description={setup.journalServerHelp} />
        </div>
      </Radio.Group>
      {onServer ? (
        <>
          <TextInput
            label={setup.address}
            description={setup.addressHelp}
            placeholder="host:2113"
            autoCapitalize="none"
            {...inputOf(props, JOURNAL_URL)}
          />
          <div className={styles['pair']}>
            <NativeSelect
              label={setup.encryption}
              description={setup.encryptionHelp}
              data={[
                { value: 'tls', label: setup.tls },
                { value: 'none', label: setup.noTls },
              ]}
              {...inputOf(props, JOURNAL.encryption)}
            />
            <TextInput label={setup.caFile} description={setup.caFileHelp} {...inputOf(props, JOURNAL.caFile)} />
            {status.journalServer.map((field) => (
              <ServerField
                key={field.name}
                of={props}
                group="journalServer"
                field={field}
                title={setup.journalField(field.label)}
              />
            ))}
          </div>
          <Look of={props} />
        </>
      ) : null}
    </>
  );
}

function Look({ of: { values, status, token } }: { readonly of: StepProps }): ReactElement {
  const [busy, setBusy] = useState(false);
  const [found, setFound] = useState<Found | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const look = async (): Promise<void> => {
    setBusy(true);
    setFound(null);
    setProblem(null);
    try {
      const headers = withSetupToken(token);
      setFound(await bodyOf(api.POST('/api/setup/journal-check', { body: bodyOfValues(values, status), headers })));
    } catch (error) {
      setProblem(asProblem(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <div aria-live="polite" className="form">
      <div>
        <Button variant="default" loading={busy} onClick={() => void look()}>
          {setup.look}
        </Button>
      </div>
      {busy ? <p className="dim">{setup.looking}</p> : null}
      {problem === null ? null : <ProblemNotice problem={problem} />}
      {found === null ? null : (
        <>
          <Notice
            icon={found.ok ? 'check' : 'alert'}
            title={found.ok ? setup.works : setup.fails}
            tone={found.ok ? 'calm' : 'bad'}
          />
          <ul className={styles['findings']}>
            {found.findings.map(({ name, result, text, remedy }) => (
              <li key={name}>
                <Pill tone={TONES[result]}>{setup.results[result]}</Pill>
                <div>
                  <p>{`${name}: ${text}`}</p>
                  {remedy === '' ? null : <p className="dim">{remedy}</p>}
                </div>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}
