import { Button, Modal, Textarea, TextInput } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { api, send } from '../../api/client.js';
import { queries, useApi } from '../../api/query.js';
import { useMay } from '../../app/session.js';
import type { components } from '../../generated/api.js';
import { Card } from '../../parts/card.js';
import { DataTable, type Column } from '../../parts/data-table.js';
import { FormBody, useServerForm } from '../../parts/form.js';
import { State } from '../../parts/state.js';
import { changesOfList, entriesOf, linesOf } from './entries.js';
import { strategies as texts } from './messages.js';

type List = components['schemas']['InverseEtfsAnswer'];

const COLUMNS: readonly Column<readonly [string, string]>[] = [
  { key: 'symbol', head: texts.inverseColumns.symbol, cell: ([symbol]) => symbol },
  { key: 'etf', head: texts.inverseColumns.etf, cell: ([, etf]) => etf },
];

/** The list of inverse ETFs with who made it, and its editing for who may change settings. */
export function Inverse(): ReactElement {
  const found = useApi(['inverse-etfs'], (signal) => api.GET('/api/strategies/inverse-etfs', { signal }));
  const may = useMay('settings');
  const [edited, setEdited] = useState<List | null>(null);
  return (
    <Card
      title={texts.inverse}
      aside={
        may && found.data !== undefined ? (
          <Button size="compact-sm" variant="default" onClick={() => setEdited(found.data)}>
            {texts.edit}
          </Button>
        ) : undefined
      }
    >
      <div className="form">
        <p className="dim">{texts.inverseWhy}</p>
        <State of={found} lines={2}>
          {({ version, entries, by, reason }) => (
            <>
              <DataTable
                label={texts.inverse}
                columns={COLUMNS}
                rows={Object.entries(entries)}
                rowKey={([symbol]) => symbol}
                empty={texts.noInverse}
              />
              {version === 0 ? null : <p className="dim">{texts.version(version, by ?? '', reason ?? '')}</p>}
            </>
          )}
        </State>
      </div>
      <Modal
        opened={edited !== null}
        onClose={() => setEdited(null)}
        title={texts.editTitle}
        closeButtonProps={{ 'aria-label': texts.cancel }}
      >
        {edited === null ? null : <Edit of={edited} close={() => setEdited(null)} />}
      </Modal>
    </Card>
  );
}

function Edit({ of: { version, entries }, close }: { readonly of: List; readonly close: () => void }): ReactElement {
  const state = useServerForm({
    values: { entries: linesOf(entries), reason: '' },
    send: (typed) =>
      send(() =>
        api.PUT('/api/strategies/inverse-etfs', {
          body: { version: String(version), entries: entriesOf(typed.entries), reason: typed.reason.trim() },
        }),
      ),
    done: () => {
      void queries.invalidateQueries({ queryKey: ['inverse-etfs'] });
      close();
    },
  });
  const { form } = state;
  const changes = changesOfList(entries, entriesOf(form.getValues().entries));
  return (
    <FormBody of={state} label={texts.save} cancel={close}>
      <Textarea
        label={texts.entries}
        description={texts.entriesHelp}
        rows={8}
        data-autofocus
        {...form.getInputProps('entries')}
      />
      <ul aria-live="polite">
        {changes.length === 0 ? <li className="dim">{texts.noChange}</li> : null}
        {changes.map((change) => (
          <li key={change}>{change}</li>
        ))}
      </ul>
      <TextInput
        label={texts.reason}
        description={texts.reasonHelp}
        maxLength={300}
        {...form.getInputProps('reason')}
      />
    </FormBody>
  );
}
