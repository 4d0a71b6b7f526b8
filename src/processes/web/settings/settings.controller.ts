import { Controller, Get, Inject, Put, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { JournalPages, type LastConfigChange } from '../../../app/web-queries/journal-pages.js';
import type { Principal } from '../../../app/access/principal.js';
import { decidesAccess } from '../../../domain/config/change-rules.js';
import { Needs, ServedIn } from '../common/access.js';
import { Answers } from '../common/answers.js';
import { Tag } from '../common/described.js';
import { requireIfMatch, sendEtag } from '../common/etags.js';
import { requireFreshProof } from '../common/fresh-proof.js';
import { Input, QueryInput } from '../common/input.js';
import { DEFAULT_PAGE } from '../common/paging.js';
import { Me } from '../common/principal.js';
import { actorName } from '../control/user-names.js';
import type { WebContext } from '../web-context.js';
import { WEB_CONTEXT } from '../tokens.js';
import type { PendingView, SettingsService } from './settings-service.js';
import {
  HistoryAnswer,
  HistoryQuery,
  SaveQuery,
  SettingsAnswer,
  SettingsInput,
  SettingsSavedAnswer,
  type ValueSourceAnswer,
} from './settings.dto.js';
import { SETTINGS_SERVICE } from './tokens.js';

const NO_REASON = 'settings page';

@Tag('settings')
@Controller('api/settings')
@ServedIn('dashboard')
@Needs('settings')
export class SettingsController {
  constructor(
    @Inject(WEB_CONTEXT) private readonly context: WebContext,
    @Inject(SETTINGS_SERVICE) private readonly service: SettingsService,
  ) {}

  @Get()
  @Answers(200, SettingsAnswer, 'Lists all settings with their descriptions; its ETag is required to change them.')
  async settings(@Res({ passthrough: true }) response: Response): Promise<SettingsAnswer> {
    sendEtag(response, this.service.etag());
    const [view, last] = await Promise.all([
      this.service.view(),
      new JournalPages(this.context.open().journal).lastConfigChanges(),
    ]);
    return {
      ...view,
      groups: view.groups.map((group) => ({
        ...group,
        settings: group.settings.map((one) => ({
          ...one,
          pending: this.#named(one.pending),
          changed: this.#changed(last.get(one.key)),
        })),
      })),
    };
  }

  @Put()
  @Answers(
    200,
    SettingsSavedAnswer,
    'Changes settings, or with dryRun=true only shows what would change; during a session, cold settings are pending until the next one. Requires If-Match; a change of a setting of the group access also needs a fresh proof of the password, which a personal access token never has.',
  )
  async save(
    @Req() request: Request,
    @Me() me: Principal,
    @QueryInput(SaveQuery) { dryRun = false }: SaveQuery,
    @Input(SettingsInput) { changes = {}, withdraw = [], confirmNoTrading = false, reason = NO_REASON }: SettingsInput,
  ): Promise<SettingsSavedAnswer> {
    const unchanged = (): void => requireIfMatch(request, this.service.etag());
    unchanged();
    const asked = { changes, withdraw, confirmNoTrading };
    if (dryRun) return { saved: false, ...(await this.service.preview(asked)) };
    if ([...Object.keys(changes), ...withdraw].some(decidesAccess)) {
      await requireFreshProof(request, me, this.context.users());
    }
    const saved = await this.service.save(asked, { actor: me.actor, reason }, unchanged);
    return { saved: saved.changes.length > 0, ...saved };
  }

  @Get('history')
  @Answers(200, HistoryAnswer, 'Lists changes of settings, newest first.')
  async history(@QueryInput(HistoryQuery) { limit = DEFAULT_PAGE, cursor }: HistoryQuery): Promise<HistoryAnswer> {
    const page = await new JournalPages(this.context.open().journal).configHistory({ limit, cursor });
    return { ...page, items: page.items.map((one) => ({ ...one, actorName: actorName(this.context, one.actor) })) };
  }

  #changed(last: LastConfigChange | undefined): ValueSourceAnswer | null {
    if (last === undefined) return null;
    const { at, actor, reason, position } = last;
    return { at, byName: actorName(this.context, actor), reason, position };
  }

  #named(pending: PendingView | null): (PendingView & { readonly byName: string }) | null {
    return pending === null ? null : { ...pending, byName: actorName(this.context, pending.by) };
  }
}
