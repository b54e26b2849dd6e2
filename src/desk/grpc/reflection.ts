/**
 * Server reflection, so that foreign clients (`buf curl`, grpcurl) need no proto files. Fed with the descriptor set that the
 * generator wrote: what a proto loader makes of the files cannot be resolved by `buf curl`.
 */

import { BinaryReader } from '@bufbuild/protobuf/wire';
import type { Server } from '@grpc/grpc-js';
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

/** Adds grpc.reflection.v1 and v1alpha for the services named, and for health. */
export async function addReflection(server: Server, services: readonly string[]): Promise<void> {
  // Loaded where used: it brings a second protobuf library.
  const { ReflectionService } = await import('@grpc/reflection');
  const files = [...filesOf(fromBase64(DESCRIPTOR_SET_BASE64)), healthDescriptor()];
  const definitions: object = Object.fromEntries(
    files.map((file, index) => [
      `file-${index}`,
      { format: '', type: {}, fileDescriptorProtos: [Buffer.from(file)] },
    ]),
  );
  new ReflectionService(definitions as ConstructorParameters<typeof ReflectionService>[0], {
    services: [...services, 'grpc.health.v1.Health'],
  }).addToServer(server);
}
