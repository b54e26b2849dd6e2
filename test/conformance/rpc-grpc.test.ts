import * as grpc from '@grpc/grpc-js';
import { callerOfGrpc, grpcService } from '../../src/transport/index.ts';
import { TestService, testHandlers } from '../support/interop-service.ts';
import { rpcContract } from './rpc.contract.ts';

rpcContract('HTTP/2 (grpc-js)', async () => {
  const { handlers, observed } = testHandlers();
  const server = new grpc.Server();
  const service = grpcService(TestService, handlers);
  server.addService(service.definition, service.implementation);
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    ),
  );
  const client = new grpc.Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  return {
    caller: callerOfGrpc(client),
    observed,
    [Symbol.asyncDispose]: async () => {
      client.close();
      server.forceShutdown();
    },
  };
});
