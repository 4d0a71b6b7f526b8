import { Module } from '@nestjs/common';
import { SystemClock } from '../../../adapters/clock/system-clock.js';
import { checkJournal } from '../../../composition/check-journal.js';
import { proposedAnchor } from '../../../domain/home/home-paths.js';
import type { WebContext } from '../web-context.js';
import { WEB_CONTEXT } from '../tokens.js';
import { SetupController } from './setup.controller.js';
import { SetupService } from './setup-service.js';
import { setupRules } from './setup-rules.js';
import { SETUP_SERVICE } from './tokens.js';

@Module({
  controllers: [SetupController],
  providers: [
    {
      provide: SETUP_SERVICE,
      inject: [WEB_CONTEXT],
      useFactory: (context: WebContext) =>
        new SetupService({
          rules: setupRules(context.init.versionTag, proposedAnchor(context.base.home)),
          state: () => context.state,
          checkServer: (address, identity) =>
            checkJournal({ address, identity, belonging: 'new home', clock: new SystemClock() }),
          ask: (ask, withinMs) => context.ask(ask, withinMs),
          statusFile: context.base.output.provisioningStatus,
        }),
    },
  ],
})
export class SetupModule {}
