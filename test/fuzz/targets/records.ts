/** Records: header, facets of every kind, content as JSON, identifiers, attachments. */
import { concat, utf8 } from '../../../src/base/bytes.ts';
import { systemRandom } from '../../../src/base/clock.ts';
import { Header } from '../../../src/gen/tocsin/record/v1/header.ts';
import { DeskGroup } from '../../../src/gen/tocsin/record/v1/marking.ts';
import { messageDescriptor } from '../../../src/record/descriptor.ts';
import {
  cleanFile,
  commitFacet,
  contentFromJson,
  contentToJson,
  displayName,
  encodeHeader,
  formatPartialDate,
  judgeAircraftMark,
  judgeAirWaybill,
  judgeBic,
  judgeCallSign,
  judgeCountry,
  judgeFacets,
  judgeHeader,
  judgeIcao24,
  judgeImoCompany,
  judgeImoShip,
  judgeIso6346,
  judgeLei,
  judgeMmsi,
  judgeSubdivision,
  judgeUnlocode,
  KINDS,
  ownerLint,
  parseLocodeCoordinates,
  parsePartialDate,
  parseSerialPattern,
  type RecordContent,
  rangeOfDate,
  serialKeys,
  statedWorld,
  subjectsOf,
  titleOf,
  validateContent,
} from '../../../src/record/index.ts';
import { openBlob, sealBlob } from '../../../src/seal/index.ts';
import { EXAMPLE_KINDS, EXAMPLE_NOW_MS, exampleWithAttachments } from '../../support/contents.ts';
import {
  gifWithCanaries,
  jpegWithCanaries,
  pngChunk,
  pngWithCanaries,
  webpWithCanaries,
} from '../../support/pictures.ts';
import type { Mutator } from '../mutate/bytes.ts';
import { accepted, outcomeOf, refused, type Target } from '../target.ts';

const unhex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'));
const textIn = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');
const seedsOf = (...texts: readonly string[]): Uint8Array[] => texts.map(utf8);

interface HeaderVector {
  readonly network: string;
  readonly valid: readonly { readonly bytes: string }[];
  readonly refused: readonly { readonly bytes: string }[];
}

const header: Target = {
  name: 'header',
  reads: 'a signed header: judgeHeader',
  open: (scene) => {
    const { network, valid, refused: faulty } = scene.vector<HeaderVector>('header');
    const digest = unhex(network);
    return {
      form: {
        kind: 'protobuf',
        desc: messageDescriptor('tocsin.record.v1.Header'),
        prefix: 'tocsin/header/v1\n'.length + 32,
      },
      seeds: [...faulty, ...valid, ...valid, ...valid, ...valid, ...valid].map(({ bytes }) => unhex(bytes)),
      read: (bytes) =>
        outcomeOf(judgeHeader(digest, bytes), (read) =>
          // Fields of a newer program are not in what we would write ourselves, so only the header is compared.
          accepted(
            read.header,
            encodeHeader(digest, Header.decode(Header.encode(read.header).finish())).bytes,
          ),
        ),
    };
  },
};

/** Content of every kind, as it arrives. */
function contents(): readonly RecordContent[] {
  return EXAMPLE_KINDS.flatMap((kind) => {
    const { content } = contentFromJson(exampleWithAttachments(kind), {
      deskGroup: DeskGroup.DESK_GROUP_CUSTOMS,
      nowMs: EXAMPLE_NOW_MS,
    });
    return content === undefined ? [] : [content];
  });
}

const facets: Target = {
  name: 'facets',
  reads: 'a facet of every kind: validateContent, titleOf, subjectsOf',
  timeMsPerKiB: 3,
  open: () => {
    const places = contents().flatMap((content) =>
      (KINDS.get(content.kind)?.facets ?? []).map((facet) => ({ content, facet })),
    );
    const at = (bytes: Uint8Array) => places[((bytes[0] ?? 0) * 256 + (bytes[1] ?? 0)) % places.length];
    return {
      form: (seed) => ({
        kind: 'protobuf',
        desc: messageDescriptor(at(seed)?.facet.typeName ?? ''),
        prefix: 2,
      }),
      seeds: places.map(({ content, facet }, number) =>
        concat(Uint8Array.of(number >> 8, number & 0xff), content.facets[facet.name] ?? new Uint8Array()),
      ),
      read: (bytes) => {
        const place = at(bytes);
        if (place === undefined) return refused('NO_PLACE');
        const body = bytes.subarray(2);
        const content = { ...place.content, facets: { ...place.content.facets, [place.facet.name]: body } };
        // Titles and references are read of arrived bytes whether or not the rules like them.
        const title = titleOf(content.kind, content.facets);
        const list = Object.entries(content.facets).map(([name, bytesOf]) => ({
          facet: name,
          body: bytesOf,
        }));
        const subjects = subjectsOf(content.kind, list);
        const imported = validateContent(content, { mode: 'imported', nowMs: EXAMPLE_NOW_MS });
        const typed = validateContent(content, { mode: 'typed', nowMs: EXAMPLE_NOW_MS });
        const [fault] = imported.faults;
        if (fault !== undefined) return refused(fault.code);
        return accepted([title, subjects, imported, typed, contentToJson(content)]);
      },
    };
  },
};

const contentJson: Target = {
  name: 'content-json',
  reads: 'a record as officers and foreign programs write it: contentFromJson, statedWorld',
  timeMsPerKiB: 4,
  open: () => {
    const defaults = { deskGroup: DeskGroup.DESK_GROUP_CUSTOMS, nowMs: EXAMPLE_NOW_MS };
    return {
      form: {
        kind: 'json',
        tokens: ['"handling":[]', '"expires":"2031-05-01T10:00:00Z"', '"marking":null', '"tlp":"RED"'],
      },
      seeds: EXAMPLE_KINDS.map((kind) => utf8(JSON.stringify(exampleWithAttachments(kind)))),
      read: (bytes) => {
        let json: unknown;
        try {
          json = JSON.parse(textIn(bytes));
        } catch {
          return refused('NOT_JSON');
        }
        const world = statedWorld(json);
        const { content, faults } = contentFromJson(json, defaults);
        if (content === undefined) return refused(faults[0]?.code ?? 'NO_FAULT_SAID');
        return accepted([world, content], undefined);
      },
    };
  },
};

/** Each reads a text of its own; all have to bear any. */
const READERS: readonly ((text: string) => unknown)[] = [
  judgeCountry,
  judgeSubdivision,
  judgeUnlocode,
  judgeImoShip,
  judgeImoCompany,
  judgeIso6346,
  judgeLei,
  judgeBic,
  judgeAircraftMark,
  judgeIcao24,
  judgeCallSign,
  judgeAirWaybill,
  judgeMmsi,
  parseLocodeCoordinates,
  parseSerialPattern,
  serialKeys,
  displayName,
];

const identifiers: Target = {
  name: 'identifiers',
  reads: 'identifiers, serial numbers, dates, file names: record/identifiers, displayName, ownerLint',
  total: true,
  timeMsPerKiB: 2,
  open: () => ({
    form: { kind: 'text', tokens: ['?', '*', '-', '/', 'circa ', '\u0660', 'ⅷ', '\u200b', '..'] },
    seeds: seedsOf(
      'XA',
      'XA-04',
      'XABRV',
      '9074729',
      'CSQU3054383',
      '529900T8BM49AURSDO55',
      'DEUTDEFF',
      'Q-AVN',
      '4CA123',
      'Q2AB',
      '999-12345675',
      '299000101',
      '4230N 00131E',
      'AB?12*',
      'A-1234 / B',
      '2024-02-29',
      'circa 1970',
      '1971-03',
      'photo of crate.jpg',
    ),
    read: (bytes) => {
      const text = textIn(bytes);
      const date = parsePartialDate(text);
      const range = date === undefined ? undefined : [formatPartialDate(date), rangeOfDate(date)];
      return accepted([READERS.map((reader) => reader(text)), range, ownerLint(text)]);
    },
  }),
};

const facetList: Target = {
  name: 'facet-list',
  reads: 'disclosed facets against the commitments of their header: judgeFacets',
  open: (scene) => {
    const { network, valid } = scene.vector<HeaderVector>('header');
    const judged = judgeHeader(unhex(network), unhex(valid[0]?.bytes ?? ''));
    if (!judged.ok) throw new Error('expected the first golden header to be believed');
    const { header: golden } = judged.value;
    const { facet = '' } = golden.commitments[0] ?? {};
    const typeName = KINDS.get(golden.kind)?.facets.find(({ name }) => name === facet)?.typeName ?? '';
    const { facets: known } = scene.vector<{ facets: readonly { salt: string; body: string }[] }>('facet');
    return {
      form: { kind: 'protobuf', desc: messageDescriptor(typeName), prefix: 32 },
      seeds: known.map(({ salt, body }) => concat(unhex(salt), unhex(body))),
      read: (bytes) => {
        // The originator committed to whatever it liked, so the commitment always fits: what is left is the message.
        const shown = {
          facet,
          salt: Buffer.from(bytes.subarray(0, 32)),
          body: Buffer.from(bytes.subarray(32)),
        };
        const { recordId, revision } = golden;
        const digest = Buffer.from(commitFacet({ recordId, revision, ...shown }));
        const signed = { ...judged.value, header: { ...golden, commitments: [{ facet, digest }] } };
        return outcomeOf(judgeFacets(signed, [shown]), () => accepted(shown));
      },
    };
  },
};

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function gathered(source: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of source) parts.push(Uint8Array.from(part));
  return concat(...parts);
}

/** A chunk put into a PNG with its checksum right, so that what comes after the checksum is reached. */
const foreignChunk: Mutator = (bytes, dice) => {
  if (bytes[0] !== 0x89) return bytes;
  const type = dice.pick(['IHDR', 'PLTE', 'IDAT', 'IEND', 'tRNS', 'acTL', 'eXIf', 'zTXt', 'abcd', 'ABCD']);
  const at = 8 + dice.below(2) * 25;
  return concat(bytes.subarray(0, at), pngChunk(type, dice.bytes(dice.length(300))), bytes.subarray(at));
};

const picture: Target = {
  name: 'picture',
  reads: 'an attachment before it is stored: cleanFile',
  timeMsPerKiB: 3,
  open: () => ({
    form: { kind: 'bytes', own: [foreignChunk] },
    seeds: [
      jpegWithCanaries(),
      jpegWithCanaries({ little: true, orientation: 8 }),
      pngWithCanaries(),
      webpWithCanaries(),
      gifWithCanaries(),
      utf8('crate 4 of 11, quay 7\n'),
      utf8('\ufeffПрибыл 4 мая\r\n'),
    ].map((bytes) => new Uint8Array(bytes)),
    read: async (bytes) => {
      const file = await cleanFile(pieces(bytes, 997));
      const clean = await gathered(file.bytes);
      return accepted([file.type, clean], clean);
    },
  }),
};

const blob: Target = {
  name: 'blob',
  reads: "an attachment's encrypted bytes from a partner: openBlob",
  open: async () => {
    const key = new Uint8Array(32).fill(7);
    const seal = (bytes: Uint8Array) => gathered(sealBlob(key, pieces(bytes, 30_000)));
    return {
      form: { kind: 'bytes' },
      seeds: await Promise.all([
        seal(utf8('short')),
        seal(systemRandom.bytes(64 * 1024)),
        seal(systemRandom.bytes(64 * 1024 + 1)),
      ]),
      read: async (bytes) => accepted(await gathered(openBlob(key, pieces(bytes, 10_007)))),
    };
  },
};

export const RECORD_TARGETS: readonly Target[] = [
  header,
  facets,
  facetList,
  contentJson,
  identifiers,
  picture,
  blob,
];
