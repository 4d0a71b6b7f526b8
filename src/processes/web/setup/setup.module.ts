import { Module } from '@nestjs/common';
import type { House } from '../house.js';
import { HOUSE } from '../tokens.js';
import { SetupController } from './setup.controller.js';
import { SetupDesk } from './setup-desk.js';
import { setupRules } from './setup-rules.js';
import { SETUP_DESK } from './tokens.js';

@Module({
  controllers: [SetupController],
  providers: [
    {
      provide: SETUP_DESK,
      inject: [HOUSE],
      useFactory: (house: House) =>
        new SetupDesk({
          rules: setupRules(house.init.versionTag),
          state: () => house.state,
          ask: (ask, withinMs) => house.ask(ask, withinMs),
          statusFile: house.base.output.provisioningStatus,
        }),
    },
  ],
})
export class SetupModule {}
