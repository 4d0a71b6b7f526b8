import { Button, Progress } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState, type ReactElement } from 'react';
import { api } from '../../api/client.js';
import { usePages } from '../../api/pages.js';
import { useChange } from '../../api/query.js';
import { useMay } from '../../app/session.js';
import type { components } from '../../generated/api.js';
import { capital, grouped, span, words } from '../../lib/format.js';
import { useAsOf, useParams } from '../../lib/url.js';
import { Card, Facts } from '../../parts/card.js';
import { DataTable, type Column } from '../../parts/data-table.js';
import { EventPageLink } from '../../parts/event-link.js';
import { Empty, Loading, Notice, ProblemNotice } from '../../parts/state.js';
import { Time } from '../../parts/time.js';
import { ruleWords, universe as texts } from './messages.js';
import { Why } from './why.js';

type Event = components['schemas']['EventAnswer'];

/** What the events of a build have, as far as a page reads them. */
interface Build {
  readonly date?: string;
  readonly symbols?: number;
  readonly listed?: number;
  readonly asOf?: string;
  readonly sha256?: string;
  readonly excluded?: readonly { readonly code: string; readonly count: number }[];
  readonly notes?: readonly string[];
  readonly stage?: string;
  readonly done?: number;
  readonly total?: number;
  readonly etaSeconds?: number | null;
  readonly message?: string;
  readonly remedy?: string;
  readonly reason?: string;
}

const PAGE = 50;
const TYPES = 'UniversePublished,UniverseBuildStarted,UniverseBuildProgressed,UniverseBuildFailed,UniverseBuildSkipped';
const buildOf = ({ data }: Event): Build => data;

/** Which symbols may be traded, which were left out by which rule, and how the builds went. */
export default function UniversePage(): ReactElement {
  const asof = useAsOf();
  const { symbol = '' } = useParams();
  const list = usePages<Event>(
    ['universe', asof],
    (cursor, signal) =>
      api.GET('/api/journal/events', {
        signal,
        params: {
          query: {
            ...{ type: TYPES, limit: PAGE },
            ...(cursor === undefined ? {} : { cursor }),
            ...(asof === null ? {} : { asof }),
          },
        },
      }),
    asof === null ? { live: 'every event' } : {},
  );
  const may = useMay('maintenance');
  const { rows } = list;
  if (rows === undefined) {
    return list.error === null ? <Loading lines={8} /> : <ProblemNotice problem={list.error} again={list.again} />;
  }
  const published = rows.find(({ type }) => type === 'UniversePublished');
  const newest = rows[0];
  return (
    <div className="cards">
      {may && asof === null ? <BuildNow newest={newest?.position ?? null} /> : null}
      {newest?.type === 'UniverseBuildFailed' ? <Failed of={buildOf(newest)} /> : null}
      {newest?.type === 'UniverseBuildProgressed' ? <Running of={buildOf(newest)} /> : null}
      {published === undefined ? <NoUniverse /> : <Published of={published} />}
      {asof !== null || (published === undefined && symbol === '') ? null : <Why />}
      <Card title={texts.history}>
        <DataTable
          label={texts.history}
          columns={COLUMNS}
          rows={rows}
          rowKey={({ position }) => position}
          more={list.more}
          empty={texts.noHistory}
        />
      </Card>
    </div>
  );
}

/** A build that nobody waits for at night: with the rules and credentials of now. `newest`: position of the newest event. */
function BuildNow({ newest }: { readonly newest: string | null }): ReactElement {
  const [begunAt, setBegunAt] = useState<string | null | undefined>(undefined);
  const begin = useChange(() => api.POST('/api/universe/build'));
  return (
    <Card
      title={texts.build}
      aside={
        <Button
          size="compact-sm"
          variant="default"
          loading={begin.isPending}
          onClick={() => begin.mutate(undefined, { onSuccess: () => setBegunAt(newest) })}
        >
          {texts.buildNow}
        </Button>
      }
    >
      <p className="dim">{texts.buildWhy}</p>
      {begunAt === undefined || begunAt !== newest ? null : <p role="status">{texts.begun}</p>}
      {begin.error === null ? null : <ProblemNotice problem={begin.error} />}
    </Card>
  );
}

function NoUniverse(): ReactElement {
  // Both pages show the present only.
  const present = useAsOf() === null;
  const [secrets, settings] = [useMay('secrets') && present, useMay('settings') && present];
  return (
    <Empty title={texts.none}>
      <p>{texts.noneWhy}</p>
      <div className="form-buttons">
        {secrets ? (
          <Button size="compact-sm" variant="default" renderRoot={(props) => <Link {...props} to="/secrets" />}>
            {texts.credentials}
          </Button>
        ) : null}
        {settings ? (
          <Button
            size="compact-sm"
            variant="default"
            renderRoot={(props) => <Link {...props} to="/settings" search={{ find: 'universe' }} />}
          >
            {texts.rules}
          </Button>
        ) : null}
      </div>
    </Empty>
  );
}

function Failed({ of: { message = '', remedy = '' } }: { readonly of: Build }): ReactElement {
  return (
    <Notice icon="alert" tone="warn" title={texts.failed}>
      <p>{capital(message)}</p>
      <p>{remedy}</p>
    </Notice>
  );
}

function Running({ of: { stage = '', done = 0, total = 0, etaSeconds } }: { readonly of: Build }): ReactElement {
  return (
    <Card title={texts.running}>
      <div className="form">
        <p role="status">
          {texts.stage(capital(stage), done, total)}
          {typeof etaSeconds === 'number' ? `, ${texts.eta(span(etaSeconds))}` : ''}
        </p>
        <Progress value={total === 0 ? 0 : (100 * done) / total} aria-label={texts.progress} />
      </div>
    </Card>
  );
}

type Excluded = NonNullable<Build['excluded']>[number];

const EXCLUDED: readonly Column<Excluded>[] = [
  { key: 'rule', head: texts.excludedColumns.rule, cell: ({ code }) => capital(ruleWords(code)) },
  { key: 'count', head: texts.excludedColumns.count, right: true, cell: ({ count }) => grouped(String(count)) },
];

function Published({ of }: { readonly of: Event }): ReactElement {
  const { symbols = 0, listed = 0, date, asOf, sha256 = '', excluded = [], notes = [] } = buildOf(of);
  const { facts } = texts;
  const count = (value: number): ReactElement => <span className="num">{grouped(String(value))}</span>;
  return (
    <Card title={texts.now} aside={<EventPageLink position={of.position} type="UniversePublished" />}>
      <div className="form">
        <Facts
          rows={[
            { name: facts.symbols, value: count(symbols) },
            { name: facts.listed, value: count(listed) },
            { name: facts.date, value: date ?? '' },
            { name: facts.asOf, value: <Time at={asOf} /> },
            { name: facts.published, value: <Time at={of.occurredAt} /> },
            { name: facts.digest, value: <code>{sha256}</code> },
          ]}
        />
        {notes.map((note) => (
          <Notice key={note} icon="alert" tone="warn" title={capital(note)} />
        ))}
        <h3>{texts.excluded}</h3>
        <DataTable label={texts.excluded} columns={EXCLUDED} rows={excluded} rowKey={({ code }) => code} />
      </div>
    </Card>
  );
}

const { columns: heads } = texts;

const COLUMNS: readonly Column<Event>[] = [
  { key: 'at', head: heads.at, cell: ({ occurredAt }) => <Time at={occurredAt} /> },
  { key: 'event', head: heads.event, cell: ({ position, type }) => <EventPageLink position={position} type={type} /> },
  { key: 'date', head: heads.date, wide: true, cell: (event) => buildOf(event).date ?? '' },
  { key: 'what', head: heads.what, wide: true, cell: (event) => whatText(buildOf(event)) },
];

function whatText({ symbols, listed = 0, stage, done = 0, total = 0, message, reason }: Build): string {
  if (symbols !== undefined) return texts.published(symbols, listed);
  if (stage !== undefined) return texts.stage(capital(stage), done, total);
  return words(message ?? reason ?? '');
}
