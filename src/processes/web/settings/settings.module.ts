import { Module } from '@nestjs/common';
import { openSessionDate } from '../../../app/journal/open-session.js';
import { currentFloat } from '../../../app/settings/current-float.js';
import { homeFacts } from '../../../app/settings/own-strategies.js';
import type { WebContext } from '../web-context.js';
import { WEB_CONTEXT } from '../tokens.js';
import { SettingsController } from './settings.controller.js';
import { SettingsService } from './settings-service.js';
import { SETTINGS_SERVICE } from './tokens.js';

@Module({
  controllers: [SettingsController],
  providers: [
    {
      provide: SETTINGS_SERVICE,
      inject: [WEB_CONTEXT],
      useFactory: (context: WebContext) =>
        new SettingsService({
          vault: () => context.open().vault,
          versionTag: context.init.versionTag,
          openSession: () => openSessionDate(context.open().journal, context.clock),
          facts: () => homeFacts(context.open().journal),
          float: () => currentFloat(context.open().journal),
          clock: context.clock,
          ask: (ask) => context.ask(ask),
        }),
    },
  ],
})
export class SettingsModule {}
