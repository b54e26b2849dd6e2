/**
 * Server reflection, so that foreign clients (`buf curl`, grpcurl) need no proto files. Fed with the descriptor set that the
 * generator wrote: what a proto loader makes of the files cannot be resolved by `buf curl`.
 */
import { Duplex } from 'node:stream';
import { BinaryReader } from '@bufbuild/protobuf/wire';
import { type MethodDefinition, type Server, type ServerDuplexStream, status } from '@grpc/grpc-js';
import { fromBase64 } from '../../base/bytes.ts';
import { DESCRIPTOR_SET_BASE64 } from '../../gen/descriptor-set.ts';
import { healthDescriptor } from './health-descriptor.ts';

/** google.protobuf.FileDescriptorSet.file (field 1), each file as it is. */
function filesOf(set: Uint8Array): Uint8Array[] {
  const reader = new BinaryReader(set);
  const files: Uint8Array[] = [];
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === 1 && wireType === 2) files.push(reader.bytes());
    else reader.skip(wireType, field);
  }
  return files;
}

/** The one method of the service, as the library would add it to a server. */
interface Reflection {
  readonly method: MethodDefinition<object, object>;
  readonly handle: (call: Duplex) => void;
}

/** By the path of the method. */
async function loadReflection(services: readonly string[]): Promise<ReadonlyMap<string, Reflection>> {
  const { ReflectionService } = await import('@grpc/reflection');
  const files = [...filesOf(fromBase64(DESCRIPTOR_SET_BASE64)), healthDescriptor()];
  const definitions: object = Object.fromEntries(
    files.map((file, index) => [
      `file-${index}`,
      { format: '', type: {}, fileDescriptorProtos: [Buffer.from(file)] },
    ]),
  );
  const found = new Map<string, Reflection>();
  const collector: Pick<Server, 'addService'> = {
    addService(service, implementation) {
      for (const [name, method] of Object.entries(service))
        found.set(method.path, { method, handle: implementation[name] as unknown as Reflection['handle'] });
    },
  };
  new ReflectionService(definitions as ConstructorParameters<typeof ReflectionService>[0], {
    services: [...services],
  }).addToServer(collector as Server);
  return found;
}

const PATHS = ['v1', 'v1alpha'].map(
  (version) => `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`,
);
const asItIs = (bytes: Buffer): Buffer => bytes;

/**
 * Adds grpc.reflection.v1 and v1alpha for the services named, and for health. The library is loaded by the first call: it brings
 * a second protobuf library and takes its time, and most nodes are never asked.
 */
export function addReflection(server: Server, services: readonly string[]): void {
  let loading: Promise<ReadonlyMap<string, Reflection>> | undefined;
  for (const path of PATHS)
    server.addService(
      {
        info: {
          path,
          requestStream: true,
          responseStream: true,
          requestDeserialize: asItIs,
          requestSerialize: asItIs,
          responseDeserialize: asItIs,
          responseSerialize: asItIs,
        },
      },
      {
        info: (call: ServerDuplexStream<Buffer, Buffer>) => {
          loading ??= loadReflection([...services, 'grpc.health.v1.Health']);
          loading.then(
            (reflections) => serve(call, reflections.get(path)),
            (error: Error) => call.emit('error', error),
          );
        },
      },
    );
}

const unreadable = Object.assign(new Error('expected a reflection request'), {
  code: status.INVALID_ARGUMENT,
});

/** Reads and writes messages where the call carries bytes. A message that cannot be read ends the call. */
function serve(call: ServerDuplexStream<Buffer, Buffer>, reflection: Reflection | undefined): void {
  if (reflection === undefined) throw new TypeError('expected the library to have both versions');
  const { method, handle } = reflection;
  const messages = new Duplex({
    objectMode: true,
    read: () => void call.resume(),
    write: (message: object, _encoding, done) => void call.write(method.responseSerialize(message), done),
    final: (done) => {
      call.end();
      done();
    },
  });
  call.on('data', (bytes: Buffer) => {
    if (messages.destroyed) return;
    try {
      if (!messages.push(method.requestDeserialize(bytes))) call.pause();
    } catch {
      messages.destroy();
      call.emit('error', unreadable);
    }
  });
  call.on('end', () => messages.push(null));
  handle(messages);
}
