import { Module } from '@nestjs/common';
import { hasOpenSession } from '../../../app/journal/open-session.js';
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
          sessionOpen: () => hasOpenSession(context.open().journal, context.clock),
          ask: (ask) => context.ask(ask),
        }),
    },
  ],
})
export class SettingsModule {}
