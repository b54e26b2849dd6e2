/** Pictures made byte by byte, with position, author and other canaries in every place where such things hide. */
import { crc32, deflateSync } from 'node:zlib';

export const CANARIES = [
  'GPS-CANARY-1',
  'XMP-CANARY-2',
  'ICC-CANARY-3',
  'TEXT-CANARY-4',
  'TAIL-CANARY-5',
  'MAKER-CANARY-6',
] as const;
const [GPS, XMP, ICC, TEXT, TAIL, MAKER] = CANARIES;

const latin = (text: string): Buffer => Buffer.from(text, 'latin1');
const u16 = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff]);
const u32 = (value: number): Buffer => {
  const out = Buffer.alloc(4);
  out.writeUInt32BE(value);
  return out;
};
const u32le = (value: number): Buffer => {
  const out = Buffer.alloc(4);
  out.writeUInt32LE(value);
  return out;
};

/** A TIFF block as a camera writes it: orientation, a pointer to GPS, and text. */
export function exifBlock(orientation: number, little = false): Buffer {
  const short = (value: number) => (little ? Buffer.from([value & 0xff, value >> 8]) : u16(value));
  const long = (value: number) => (little ? u32le(value) : u32(value));
  const entry = (tag: number, type: number, count: number, value: Buffer) =>
    Buffer.concat([short(tag), short(type), long(count), value]);
  const maker = latin(`${MAKER}\0`);
  const gps = latin(`${GPS}\0`);
  const after = 8 + 2 + 3 * 12 + 4;
  return Buffer.concat([
    latin(little ? 'II' : 'MM'),
    short(42),
    long(8),
    short(3),
    entry(0x010f, 2, maker.length, long(after)),
    entry(0x0112, 3, 1, Buffer.concat([short(orientation), short(0)])),
    entry(0x8825, 4, 1, long(after + maker.length)),
    long(0),
    maker,
    gps,
  ]);
}

export const jpegSegment = (marker: number, body: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from([0xff, marker]), u16(body.length + 2), body]);

export interface JpegOptions {
  readonly orientation?: number;
  readonly little?: boolean;
  /** Coded bytes of the scan; 0xff is stuffed. */
  readonly scan?: Uint8Array;
}

/** What of a picture decoders need, in the order of the file. */
export function jpegParts({ scan = Buffer.from([1, 2, 3, 0xff, 9]) }: JpegOptions = {}) {
  const stuffed = Buffer.from([...scan].flatMap((byte) => (byte === 0xff ? [0xff, 0] : [byte])));
  return {
    tables: Buffer.concat([
      jpegSegment(0xdb, Buffer.alloc(65, 3)),
      jpegSegment(0xc0, Buffer.from([8, 0, 1, 0, 1, 1, 1, 0x11, 0])),
      jpegSegment(0xc4, Buffer.alloc(28, 1)),
    ]),
    scan: Buffer.concat([
      jpegSegment(0xda, Buffer.from([1, 1, 0, 0, 63, 0])),
      stuffed,
      Buffer.from([0xff, 0xd0]),
      stuffed,
    ]),
  };
}

export function jpegWithCanaries(options: JpegOptions = {}): Buffer {
  const { tables, scan } = jpegParts(options);
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    jpegSegment(
      0xe0,
      Buffer.concat([latin('JFIF\0'), Buffer.from([1, 2, 1, 0, 72, 0, 72, 1, 1]), latin(MAKER.slice(0, 3))]),
    ),
    jpegSegment(
      0xe1,
      Buffer.concat([latin('Exif\0\0'), exifBlock(options.orientation ?? 6, options.little)]),
    ),
    jpegSegment(0xe1, latin(`http://ns.adobe.com/xap/1.0/\0${XMP}`)),
    jpegSegment(0xe2, latin(`ICC_PROFILE\0${ICC}`)),
    jpegSegment(0xed, latin(`Photoshop 3.0\0${TEXT}`)),
    jpegSegment(0xfe, latin(TEXT)),
    tables,
    jpegSegment(0xfe, latin(TEXT)),
    scan,
    Buffer.from([0xff, 0xd9]),
    latin(TAIL),
  ]);
}

export const pngChunk = (type: string, body: Uint8Array): Buffer => {
  const named = Buffer.concat([latin(type), body]);
  return Buffer.concat([u32(body.length), named, u32(crc32(named))]);
};

export const PNG_SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
export const PNG_HEAD = pngChunk('IHDR', Buffer.from([0, 0, 0, 1, 0, 0, 0, 1, 8, 2, 0, 0, 0]));
export const PNG_DATA = pngChunk('IDAT', deflateSync(Buffer.from([0, 1, 2, 3])));
export const PNG_END = pngChunk('IEND', Buffer.alloc(0));

/** One dot. */
export const pngClean = (): Buffer => Buffer.concat([PNG_SIGNATURE, PNG_HEAD, PNG_DATA, PNG_END]);

export const pngWithCanaries = (): Buffer =>
  Buffer.concat([
    PNG_SIGNATURE,
    PNG_HEAD,
    pngChunk('iCCP', latin(`${ICC}\0\0x`)),
    pngChunk('tEXt', latin(`Author\0${TEXT}`)),
    pngChunk('zTXt', latin(`c\0\0${TEXT}`)),
    pngChunk('iTXt', latin(`XML:com.adobe.xmp\0\0\0\0\0${XMP}`)),
    pngChunk('eXIf', exifBlock(1)),
    pngChunk('tIME', Buffer.from([7, 234, 1, 1, 1, 1, 1])),
    PNG_DATA,
    pngChunk('maKr', latin(MAKER)),
    PNG_END,
    latin(TAIL),
  ]);

export const riffChunk = (type: string, body: Uint8Array): Buffer =>
  Buffer.concat([latin(type), u32le(body.length), body, Buffer.alloc(body.length % 2)]);

const riff = (...chunks: Buffer[]): Buffer => {
  const body = Buffer.concat([latin('WEBP'), ...chunks]);
  return Buffer.concat([latin('RIFF'), u32le(body.length), body]);
};

export const webpWithCanaries = (): Buffer =>
  Buffer.concat([
    riff(
      riffChunk('VP8X', Buffer.from([0x2e, 0, 0, 0, 0, 0, 0, 0, 0, 0])),
      riffChunk('ICCP', latin(ICC)),
      riffChunk('ANIM', Buffer.alloc(6)),
      riffChunk(
        'ANMF',
        Buffer.concat([
          Buffer.alloc(16, 1),
          riffChunk('TEXT', latin(`${TEXT}!`)),
          riffChunk('VP8L', latin('frame')),
        ]),
      ),
      riffChunk('VP8 ', latin('picture')),
      riffChunk('EXIF', exifBlock(1, true)),
      riffChunk('XMP ', latin(XMP)),
      riffChunk('makr', latin(MAKER)),
    ),
    latin(TAIL),
  ]);

export const gifWithCanaries = (): Buffer => {
  const blocks = (text: string) => Buffer.concat([Buffer.from([text.length]), latin(text), Buffer.from([0])]);
  return Buffer.concat([
    latin('GIF89a'),
    Buffer.from([1, 0, 1, 0, 0x80, 0, 0, 0, 0, 0, 255, 255, 255]),
    Buffer.from([0x21, 0xff, 11]),
    latin('NETSCAPE2.0'),
    Buffer.from([3, 1, 0, 0, 0]),
    Buffer.from([0x21, 0xff, 11]),
    latin('XMP DataXMP'),
    blocks(XMP),
    Buffer.from([0x21, 0xfe]),
    blocks(TEXT),
    Buffer.from([0x21, 0x01, 12]),
    Buffer.alloc(12),
    blocks(MAKER),
    Buffer.from([0x21, 0xf9, 4, 0, 0, 0, 0, 0]),
    Buffer.from([0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0]),
    Buffer.from([0x3b]),
    latin(TAIL),
  ]);
};
