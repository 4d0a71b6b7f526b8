import { DEFAULT_SETTINGS } from '../../src/domain/config/settings.js';
import { universeAge } from '../../src/domain/universe/session-symbols.js';
import { settingOf } from './config.js';
import {
  critical,
  NEVER_RUN,
  noted,
  ran,
  warning,
  type EventOf,
  type FieldsOf,
  type FindingsOf,
  type Job,
  type StatusHandlers,
} from './status-part.js';
import type { StatusBody } from './status-state.js';

/** The universe: what is published, and the build that runs or has failed. */
export interface UniverseStatus {
  universePublished: { readonly date: string; readonly symbols: number; readonly listed: number } | null;
  universeBuild: { readonly buildId: string; readonly date: string; readonly progress: string } | null;
  universeFailed: { readonly message: string; readonly remedy: string } | null;
  universeWaits: boolean;
  universeJob: Job;
}

/** Before the first event. */
export function newUniverseStatus(): UniverseStatus {
  return {
    ...{ universePublished: null, universeBuild: null, universeFailed: null },
    ...{ universeWaits: false, universeJob: NEVER_RUN },
  };
}

/** Events of the builds. */
export const universeHandlers: StatusHandlers<'universe'> = {
  UniverseBuildStarted: noted((body, { data }: EventOf<'UniverseBuildStarted'>) => {
    const { buildId, date, resumed } = data;
    body.universeBuild = { buildId, date, progress: resumed ? 'resumed' : 'started' };
    body.universeWaits = false;
  }),
  UniverseBuildProgressed: noted((body, { data }: EventOf<'UniverseBuildProgressed'>) => {
    const { buildId, stage, done, total, etaSeconds } = data;
    if (body.universeBuild?.buildId !== buildId) return;
    const left = etaSeconds === 0 ? '' : `, ${Math.ceil(etaSeconds / 60)} min left in this stage`;
    body.universeBuild = { ...body.universeBuild, progress: `${stage} ${done} of ${total}${left}` };
  }),
  UniversePublished: noted((body, event: EventOf<'UniversePublished'>) => {
    const { date, symbols, listed } = event.data;
    body.universePublished = { date, symbols, listed };
    body.universeBuild = null;
    body.universeFailed = null;
    body.universeJob = ran(event, `ok, ${symbols} of ${listed} listed symbols`);
  }),
  UniverseBuildFailed: noted((body, event: EventOf<'UniverseBuildFailed'>) => {
    const { code, message, remedy } = event.data;
    body.universeBuild = null;
    body.universeFailed = { message, remedy };
    body.universeJob = ran(event, `failed ${code}: ${message}`, false);
  }),
  UniverseBuildSkipped: noted((body, event: EventOf<'UniverseBuildSkipped'>) => {
    body.universeBuild = null;
    body.universeFailed = null;
    body.universeWaits = true;
    body.universeJob = ran(event, event.data.reason);
  }),
};

/** The universe in one line; null when no build was ever asked for. */
export const universeFields: FieldsOf = ({ body }) => ({ universe_status: statusOf(body) });

function statusOf(body: StatusBody): string | null {
  const { universePublished: published, universeBuild: build, universeFailed: failed, universeWaits } = body;
  const parts = [
    ...(published === null ? [] : [`published ${published.date}, ${published.symbols} symbols${ageText(body)}`]),
    ...(build === null ? [] : [`building ${build.date}: ${build.progress}`]),
    ...(failed === null ? [] : [`last build failed: ${failed.message}`]),
    ...(universeWaits ? ['waiting_for_credentials'] : []),
  ];
  return parts.length === 0 ? null : parts.join('; ');
}

function ageText(body: StatusBody): string {
  const age = ageOf(body);
  return age.days === null ? '' : `, ${age.days} ${age.days === 1 ? 'day' : 'days'} old`;
}

function ageOf(body: StatusBody): ReturnType<typeof universeAge> {
  const date = body.universePublished?.date;
  const today = body.asOfTime?.slice(0, 10);
  const { SCREENER_UNIVERSE_MAX_AGE_DAYS: usual } = DEFAULT_SETTINGS;
  const maxAge = Number(settingOf(body, 'SCREENER_UNIVERSE_MAX_AGE_DAYS') ?? usual);
  return universeAge(today === undefined ? undefined : date, today ?? '', maxAge);
}

const BUILD = 'Build it now: tradebot universe build.';

/** An old universe, and one that was asked for and never came (TRD-11). */
export const universeFindings: FindingsOf = ({ body }) => {
  const { universePublished: published, universeFailed: failed } = body;
  if (published === null) {
    if (failed === null) return [];
    return [critical('UNIVERSE_MISSING', `no universe is published: ${failed.message}`, failed.remedy)];
  }
  const age = ageOf(body);
  const cause = failed === null ? '' : `; the last build failed: ${failed.message}`;
  if (age.state === 'stale') {
    const text = `the universe of ${published.date} is ${age.days} days old${cause}`;
    return [warning('UNIVERSE_STALE', text, failed?.remedy ?? BUILD)];
  }
  return failed === null
    ? []
    : [warning('UNIVERSE_BUILD_FAILED', `universe build failed: ${failed.message}`, failed.remedy)];
};
