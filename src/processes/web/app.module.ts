import { Module, type DynamicModule, type Provider, type Type } from '@nestjs/common';
import { AppUiModule } from './app/app-ui.module.js';
import { AuthModule } from './auth/auth.module.js';
import { BooksModule } from './books/books.module.js';
import { ConfirmationsModule } from './confirmations/confirmations.module.js';
import { ControlModule } from './control/control.module.js';
import { MarketModule } from './market/market.module.js';
import { MismatchesModule } from './mismatches/mismatches.module.js';
import { DaysModule } from './days/days.module.js';
import { DocsModule } from './docs/docs.module.js';
import { JournalModule } from './journal/journal.module.js';
import { LedgerModule } from './ledger/ledger.module.js';
import { LiveModule } from './live/live.module.js';
import { LogsModule } from './logs/logs.module.js';
import { OrdersModule } from './orders/orders.module.js';
import { PerformanceModule } from './performance/performance.module.js';
import { ProcessesModule } from './processes/processes.module.js';
import { SecretsModule } from './secrets/secrets.module.js';
import { SettingsModule } from './settings/settings.module.js';
import { SetupModule } from './setup/setup.module.js';
import { StatusModule } from './status/status.module.js';
import { StrategiesModule } from './strategies/strategies.module.js';
import { UsersModule } from './users/users.module.js';

/** One module a feature. A new one is registered here, and nowhere else. */
const FEATURES: readonly Type[] = [
  AppUiModule,
  AuthModule,
  BooksModule,
  ControlModule,
  ConfirmationsModule,
  MarketModule,
  MismatchesModule,
  DaysModule,
  DocsModule,
  JournalModule,
  LedgerModule,
  LiveModule,
  LogsModule,
  OrdersModule,
  PerformanceModule,
  ProcessesModule,
  SecretsModule,
  SettingsModule,
  SetupModule,
  StatusModule,
  StrategiesModule,
  UsersModule,
];

export interface AppDeps {
  /** What every controller may ask for: see tokens.ts. */
  readonly providers: readonly Provider[];
  /** Other features than the product's, in tests of the frame itself. */
  readonly features?: readonly Type[];
}

@Module({})
class AppModule {}

/** The root: features, and what is there for all of them. */
export function appModule({ providers, features = FEATURES }: AppDeps): DynamicModule {
  return {
    module: AppModule,
    global: true,
    imports: [...features],
    providers: [...providers],
    exports: providers.map((provider) => ('provide' in provider ? provider.provide : provider)),
  };
}
