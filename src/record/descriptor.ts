/**
 * The proto files as the program sees them at run time. Built at first use: a node that only relays never needs it, and
 * start-up should not pay for it.
 */
import type { DescMessage, FileRegistry } from '@bufbuild/protobuf';
import { createFileRegistry, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { DESCRIPTOR_SET_BASE64 } from '../gen/descriptor-set.ts';
import { RecordError } from './errors.ts';

const lazily = <Value>(make: () => Value): (() => Value) => {
  let value: Value | undefined;
  return () => {
    value ??= make();
    return value;
  };
};

/** Every message and enum of the proto files. */
export const registry: () => FileRegistry = lazily(() =>
  createFileRegistry(
    fromBinary(FileDescriptorSetSchema, new Uint8Array(Buffer.from(DESCRIPTOR_SET_BASE64, 'base64'))),
  ),
);

/** Descriptor of a message by its full name; throws RecordError `UNKNOWN_TYPE`. */
export function messageDescriptor(typeName: string): DescMessage {
  const found = registry().getMessage(typeName);
  if (found === undefined)
    throw new RecordError('UNKNOWN_TYPE', `expected the full name of a protobuf message, got ${typeName}`);
  return found;
}
