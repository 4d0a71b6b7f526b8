import { Module } from '@nestjs/common';
import { RolesController } from './roles.controller.js';
import { UsersController } from './users.controller.js';

@Module({ controllers: [UsersController, RolesController] })
export class UsersModule {}
