import { Module } from '@nestjs/common';
import { AccountsController } from './accounts.controller.js';
import { LedgerController } from './ledger.controller.js';

@Module({ controllers: [AccountsController, LedgerController] })
export class LedgerModule {}
