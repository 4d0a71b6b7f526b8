import { Module } from '@nestjs/common';
import { JournalPages } from '../../../app/web-queries/journal-pages.js';
import type { WebContext } from '../web-context.js';
import { WEB_CONTEXT } from '../tokens.js';
import { SettingsController } from './settings.controller.js';
import { SettingsDesk } from './settings-desk.js';
import { SETTINGS_DESK } from './tokens.js';

@Module({
  controllers: [SettingsController],
  providers: [
    {
      provide: SETTINGS_DESK,
      inject: [WEB_CONTEXT],
      useFactory: (context: WebContext) =>
        new SettingsDesk({
          vault: () => context.open().vault,
          versionTag: context.init.versionTag,
          sessionOpen: () => new JournalPages(context.open().journal).sessionOpen(),
          ask: (ask) => context.ask(ask),
        }),
    },
  ],
})
export class SettingsModule {}
