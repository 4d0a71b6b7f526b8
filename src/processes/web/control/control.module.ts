import { Module } from '@nestjs/common';
import { ControlController } from './control.controller.js';
import { TestsController } from './tests.controller.js';

@Module({ controllers: [ControlController, TestsController] })
export class ControlModule {}
