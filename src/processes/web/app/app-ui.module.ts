import { Module } from '@nestjs/common';
import { AddressesController } from './addresses.controller.js';
import { AppController } from './app.controller.js';

@Module({ controllers: [AddressesController, AppController] })
export class AppUiModule {}
