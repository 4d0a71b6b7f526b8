import { Button, NativeSelect, Switch } from '@mantine/core';
import { useEffect, type SubmitEvent, type ReactElement } from 'react';
import { api } from '../../api/client.js';
import type { Problem } from '../../api/problem.js';
import { useApi } from '../../api/query.js';
import { capital, words } from '../../lib/format.js';
import { useParams, useSetParams } from '../../lib/url.js';
import { Card } from '../../parts/card.js';
import { FilterBox } from '../../parts/data-table.js';
import { Empty, Notice, ProblemNotice, State } from '../../parts/state.js';
import { useDraft, type Texts } from './draft.js';
import { History } from './history.js';
import { settings as texts } from './messages.js';
import { matching, withoutEffect, type Settings } from './model.js';
import { Pending } from './pending.js';
import { Review } from './review.js';
import { SettingRow } from './row.js';
import styles from './settings.module.css';

/** All settings by group: search, edit, see the difference, save; and who changed what when. */
export default function SettingsPage(): ReactElement {
  const { tab = '' } = useParams();
  const found = useApi<Settings>(
    ['settings'],
    async (signal) => {
      const { data, ...answer } = await api.GET('/api/settings', { signal });
      const etag = answer.response.headers.get('etag') ?? '';
      return data === undefined ? answer : { ...answer, data: { ...data, etag } };
    },
    { live: ['ConfigChanged', 'ConfigChangeDeferred', 'ConfigChangeWithdrawn', 'SessionOpened', 'SessionClosed'] },
  );
  if (tab === 'history') {
    return (
      <Card title={texts.history} aside={<Tabs shown="history" />}>
        <History />
      </Card>
    );
  }
  return (
    <State of={found} lines={16}>
      {(body) => <Editor of={body} />}
    </State>
  );
}

function Tabs({ shown }: { readonly shown: 'values' | 'history' }): ReactElement {
  const setParams = useSetParams();
  return (
    <div role="group" aria-label={texts.tabsLabel} className={styles['tabs']}>
      {(['values', 'history'] as const).map((name) => (
        <Button
          key={name}
          size="compact-sm"
          variant={name === shown ? 'light' : 'default'}
          aria-pressed={name === shown}
          onClick={() => setParams({ tab: name === 'values' ? '' : name }, { replace: false })}
        >
          {texts.tabs[name]}
        </Button>
      ))}
    </div>
  );
}

function Editor({ of }: { readonly of: Settings }): ReactElement {
  const { find = '', group = '', changed = '', idle = '' } = useParams();
  const draft = useDraft(of);
  const { edits, faults, bases, changes, change, look } = draft;
  const count = Object.keys(changes).length;
  const shown = matching(of.groups, { find, group, changedOnly: changed !== '', idle: idle !== '' });
  const review = (event: SubmitEvent): void => {
    event.preventDefault();
    if (count > 0) look({ changes }, texts.reviewTitle);
  };
  return (
    <>
      <form className="cards" noValidate onSubmit={review}>
        <Pending of={of} withdraw={(key) => look({ withdraw: [key] }, texts.withdrawTitle)} />
        <Card title={texts.shown(total(shown), total(of.groups))} aside={<Tabs shown="values" />}>
          <Filters of={of.groups} />
        </Card>
        <Refusal problem={draft.problem} faults={faults} />
        {draft.done === '' ? null : <Notice icon="check" title={draft.done} />}
        {shown.length === 0 ? <Empty title={texts.none}>{texts.noneHelp}</Empty> : null}
        {shown.map((one) => (
          <Card key={one.group} title={capital(words(one.group))}>
            {one.settings.map((setting) => (
              <SettingRow
                key={setting.key}
                of={setting}
                typed={edits[setting.key]}
                base={bases[setting.key]}
                fault={faults[setting.key]}
                change={change}
              />
            ))}
          </Card>
        ))}
        {count === 0 ? null : (
          <div className={styles['bar']}>
            <strong role="status">{texts.changes(count)}</strong>
            <Button type="button" variant="default" onClick={draft.discard}>
              {texts.discard}
            </Button>
            <Button type="submit" loading={draft.busy}>
              {texts.review}
            </Button>
          </div>
        )}
      </form>
      <Review of={draft.preview} close={draft.close} saved={draft.saved} />
    </>
  );
}

function Filters({ of }: { readonly of: Settings['groups'] }): ReactElement {
  const { group = '', changed = '', idle = '' } = useParams();
  const setParams = useSetParams();
  const without = withoutEffect(of);
  return (
    <div className="filters">
      <FilterBox param="find" label={texts.find} />
      <NativeSelect
        size="sm"
        aria-label={texts.group}
        value={group}
        data={[
          { value: '', label: texts.allGroups },
          ...of.map((one) => ({ value: one.group, label: capital(words(one.group)) })),
        ]}
        onChange={({ currentTarget }) => setParams({ group: currentTarget.value })}
      />
      <Switch
        label={texts.changedOnly}
        checked={changed !== ''}
        onChange={({ currentTarget }) => setParams({ changed: currentTarget.checked ? '1' : '' })}
      />
      {without === 0 ? null : (
        <Switch
          label={texts.idle(without)}
          checked={idle !== ''}
          onChange={({ currentTarget }) => setParams({ idle: currentTarget.checked ? '1' : '' })}
        />
      )}
    </div>
  );
}

/** A refusal as a whole; faults that have a field stand there, and the first of them comes into sight. */
function Refusal({
  problem,
  faults,
}: {
  readonly problem: Problem | null;
  readonly faults: Texts;
}): ReactElement | null {
  useEffect(() => {
    const [first] = Object.keys(faults);
    const field = first === undefined ? null : document.getElementById(`setting-${first}`);
    field?.scrollIntoView({ block: 'center' });
    field?.focus({ preventScroll: true });
  }, [faults]);
  if (problem === null) return null;
  const elsewhere = problem.faults.filter(({ field }) => document.getElementById(`setting-${field}`) === null);
  if (elsewhere.length > 0 || problem.faults.length === 0) return <ProblemNotice problem={problem} />;
  return (
    <Notice icon="alert" tone="bad" title={texts.faults(problem.faults.length)}>
      {texts.faultsHelp}
    </Notice>
  );
}

function total(groups: Settings['groups']): number {
  return groups.reduce((sum, { settings }) => sum + settings.length, 0);
}
