// NestJS microservices over NATS: a microservice with one message pattern, and a client proxy.
import 'reflect-metadata';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClientProxyFactory, MessagePattern, Transport } from '@nestjs/microservices';
import { firstValueFrom } from 'rxjs';
import { serve } from './serve.js';

const [, , url] = process.argv;
const over = { transport: Transport.NATS, options: { servers: [url] } };

class Echo {
  echo(payload) {
    return payload;
  }
}
// Decorators by hand: this is JavaScript as Node runs it.
Controller()(Echo);
MessagePattern('bench.echo')(Echo.prototype, 'echo', Object.getOwnPropertyDescriptor(Echo.prototype, 'echo'));
class Root {}
Module({ controllers: [Echo] })(Root);

const service = await NestFactory.createMicroservice(Root, { ...over, logger: false });
await service.listen();
const client = ClientProxyFactory.create(over);
await client.connect();
await serve((payload) => firstValueFrom(client.send('bench.echo', payload)));
await client.close();
await service.close();
