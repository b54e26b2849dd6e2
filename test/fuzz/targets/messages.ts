/** Every message of the proto files: strict walk, generated decoder and a second decoder have to say the same. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type DescMessage, fromBinary, toJson } from '@bufbuild/protobuf';
import { concat } from '../../../src/base/bytes.ts';
import { LIMITS } from '../../../src/base/limits.ts';
import { messageDescriptor, registry } from '../../../src/record/descriptor.ts';
import { judgeMessage, messageFromJson, messageToJson } from '../../../src/record/index.ts';
import { Dice } from '../dice.ts';
import { generateMessage } from '../mutate/protobuf.ts';
import { accepted, outcomeOf, refused, type Target } from '../target.ts';

interface Codec {
  encode(message: unknown): { finish(): Uint8Array };
  decode(bytes: Uint8Array): unknown;
}

const GENERATED = join(import.meta.dirname, '../../../src/gen/tocsin');

/** Generated codecs of one package, by the full name of their message. */
async function codecsOf(packageName: string): Promise<ReadonlyMap<string, Codec>> {
  const folder = join(GENERATED, packageName, 'v1');
  const codecs = new Map<string, Codec>();
  for (const file of readdirSync(folder).sort()) {
    const module: Record<string, unknown> = await import(join(folder, file));
    for (const [name, value] of Object.entries(module)) {
      const typeName = `tocsin.${packageName}.v1.${name.replaceAll('_', '.')}`;
      if (typeof value === 'object' && value !== null && 'decode' in value && registry().getMessage(typeName))
        codecs.set(typeName, value as Codec);
    }
  }
  // In an order that does not depend on how modules are loaded: a type's number is part of an input.
  return new Map([...codecs].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The number of a type in front of its message, so that one target holds all types of a package. */
const PREFIX = 2;
const numbered = (number: number, bytes: Uint8Array): Uint8Array =>
  concat(Uint8Array.of(number >> 8, number & 0xff), bytes);

const messagesOf = (packageName: string): Target => ({
  name: `messages-${packageName}`,
  reads: `every message of tocsin.${packageName}.v1: record/wire.ts, the generated decoder, protobuf-es`,
  timeMsPerKiB: 4,
  open: async () => {
    const codecs = [...(await codecsOf(packageName))];
    const descs = codecs.map(([typeName]) => messageDescriptor(typeName));
    const numberOf = (bytes: Uint8Array): number => ((bytes[0] ?? 0) * 256 + (bytes[1] ?? 0)) % codecs.length;
    const dice = new Dice(codecs.length);
    return {
      form: (seed) => ({ kind: 'protobuf', desc: descs[numberOf(seed)], prefix: PREFIX }),
      seeds: descs.flatMap((desc, number) =>
        [1, 2]
          .map(() => numbered(number, generateMessage(desc, dice)))
          .filter((bytes) => bytes.length > PREFIX),
      ),
      generate: (chance) => {
        const number = chance.below(codecs.length);
        return numbered(number, generateMessage(descs[number] as DescMessage, chance));
      },
      read: (bytes) => {
        const number = numberOf(bytes);
        const [typeName, codec] = codecs[number] as readonly [string, Codec];
        const desc = descs[number] as DescMessage;
        const body = bytes.subarray(PREFIX);
        return outcomeOf(judgeMessage(codec, typeName, body, LIMITS.deskRequestBytes), (message) => {
          const again = codec.encode(message).finish();
          // A zero that is written, or written as -0, is the zero that is left out.
          const es = (wire: Uint8Array) =>
            JSON.stringify(toJson(desc, fromBinary(desc, wire), { registry: registry() }), (_key, value) =>
              value === 0 ? undefined : value,
            );
          // What ours read and wrote is what another decoder reads in the bytes as they came.
          if (es(body) !== es(again)) throw new Error(`two decoders read ${typeName} differently`);
          return accepted([number, message], numbered(number, again));
        });
      },
    };
  },
});

/** Types whose JSON people and foreign programs write. */
const json: Target = {
  name: 'message-json',
  reads: 'ProtoJSON of a facet, marking or header: messageFromJson',
  timeMsPerKiB: 4,
  open: async () => {
    const types = [...(await codecsOf('record')).keys()];
    const dice = new Dice(7);
    const write = (number: number, bytes: Uint8Array) =>
      numbered(number, Buffer.from(JSON.stringify(messageToJson(types[number] ?? '', bytes))));
    return {
      form: {
        kind: 'json',
        prefix: PREFIX,
        tokens: ['"circa 1970"', '"1971-03"', '"2031-05-01T10:00:00Z"', '"customs"', '"AMBER+STRICT"'],
      },
      seeds: types.flatMap((typeName, number) => {
        const bytes = generateMessage(messageDescriptor(typeName), dice);
        try {
          return [write(number, bytes)];
        } catch {
          return [];
        }
      }),
      read: (bytes) => {
        const number = ((bytes[0] ?? 0) * 256 + (bytes[1] ?? 0)) % types.length;
        const typeName = types[number] ?? '';
        let value: unknown;
        try {
          value = JSON.parse(Buffer.from(bytes.subarray(PREFIX)).toString('utf8'));
        } catch {
          return refused('NOT_JSON');
        }
        const read = messageFromJson(typeName, value);
        return accepted([number, read], write(number, read));
      },
    };
  },
};

export const MESSAGE_TARGETS: readonly Target[] = [
  messagesOf('exchange'),
  messagesOf('record'),
  messagesOf('desk'),
  json,
];
