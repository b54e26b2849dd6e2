/** Reflection takes what any client sends it: bytes that are no request end the call, not the node. */
import { Client, credentials, Server, ServerCredentials, type ServiceError, status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addReflection } from '../../src/desk/grpc/reflection.ts';

const server = new Server();
let client: Client;

beforeAll(async () => {
  addReflection(server, ['tocsin.desk.v1.RecordService']);
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
});
afterAll(() => {
  client.close();
  server.forceShutdown();
});

/** Answers, and the status that the call ended with. */
const ask = (version: string, ...messages: readonly Buffer[]) =>
  new Promise<{ code: number; answers: readonly Buffer[] }>((resolve) => {
    const asItIs = (bytes: Buffer) => bytes;
    const path = `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`;
    const call = client.makeBidiStreamRequest(path, asItIs, asItIs, { deadline: Date.now() + 20_000 });
    const answers: Buffer[] = [];
    call.on('data', (answer: Buffer) => answers.push(answer));
    call.on('error', ({ code }: ServiceError) => resolve({ code, answers }));
    call.on('status', ({ code }) => resolve({ code, answers }));
    for (const message of messages) call.write(message);
    call.end();
  });

/** list_services (field 7) = "". */
const LIST = Buffer.from([0x3a, 0]);

/** Wire type 7, which there is not. */
const NO_MESSAGE = Buffer.from([0x0f]);

describe.each(['v1', 'v1alpha'])('reflection %s', (version) => {
  it('answers each question of a call in turn', async () => {
    const { code, answers } = await ask(version, LIST, LIST);
    expect(code).toBe(status.OK);
    expect(answers.map((answer) => answer.includes('tocsin.desk.v1.RecordService'))).toEqual([true, true]);
  });

  it('ends the call of who sends no question, and answers the next', async () => {
    expect((await ask(version, NO_MESSAGE)).code).toBe(status.INVALID_ARGUMENT);
    expect((await ask(version, LIST)).answers).toHaveLength(1);
  });
});
