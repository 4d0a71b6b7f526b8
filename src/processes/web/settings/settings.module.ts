import { Module } from '@nestjs/common';
import { JournalPages } from '../../../app/web-queries/journal-pages.js';
import type { House } from '../house.js';
import { HOUSE } from '../tokens.js';
import { SettingsController } from './settings.controller.js';
import { SettingsDesk } from './settings-desk.js';
import { SETTINGS_DESK } from './tokens.js';

@Module({
  controllers: [SettingsController],
  providers: [
    {
      provide: SETTINGS_DESK,
      inject: [HOUSE],
      useFactory: (house: House) =>
        new SettingsDesk({
          vault: () => house.open().vault,
          versionTag: house.init.versionTag,
          sessionOpen: () => new JournalPages(house.open().journal).sessionOpen(),
          ask: (ask) => house.ask(ask),
        }),
    },
  ],
})
export class SettingsModule {}
