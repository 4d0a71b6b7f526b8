/** Child of the web bench: bare NestJS routes that answer with the bytes that they were given. */
import 'reflect-metadata';
import { Controller, Get, Logger, Module, Param, Res } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Response } from 'express';
import type { AddressInfo } from 'node:net';
import type { BareOrder } from './bare.js';

const orders = new Map<string, BareOrder & { readonly bytes: Buffer }>();

@Controller('bare')
class BareController {
  @Get(':name')
  answer(@Param('name') name: string, @Res() response: Response): void {
    const order = orders.get(name);
    if (order === undefined) {
      response.status(404).end();
      return;
    }
    response.set('Content-Type', order.type);
    if (order.encoding !== null) response.set('Content-Encoding', order.encoding);
    if (order.kind === 'stream') response.write(order.bytes);
    else response.send(order.bytes);
  }
}

@Module({ controllers: [BareController] })
class BareModule {}

Logger.overrideLogger(false);
const app = await NestFactory.create<NestExpressApplication>(BareModule);
await app.listen(0, '127.0.0.1');
const { port } = app.getHttpServer().address() as AddressInfo;
process.on('message', (order: BareOrder) => {
  orders.set(order.name, { ...order, bytes: Buffer.from(order.base64, 'base64') });
  process.send?.({ port });
});
process.on('disconnect', () => process.exit(0));
process.send?.({ port });
