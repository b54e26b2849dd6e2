/** The one field of EXIF (CIPA DC-008, in the frame of TIFF 6.0) that a picture needs to be seen the right way up. */
const HEADER = Buffer.from('Exif\0\0');
const ORIENTATION = 0x0112;
const SHORT = 3;
/** Entries of a directory looked at: more than any camera writes. */
const ENTRIES = 512;

/** Orientation, 1 to 8, in an APP1 segment; undefined for anything else, XMP included. */
export function orientationOf(body: Uint8Array): number | undefined {
  if (!HEADER.every((value, at) => body[at] === value)) return undefined;
  const tiff = new DataView(body.buffer, body.byteOffset + HEADER.length, body.length - HEADER.length);
  if (tiff.byteLength < 8) return undefined;
  const order = tiff.getUint16(0);
  if (order !== 0x4949 && order !== 0x4d4d) return undefined;
  const little = order === 0x4949;
  if (tiff.getUint16(2, little) !== 42) return undefined;
  const directory = tiff.getUint32(4, little);
  if (directory + 2 > tiff.byteLength) return undefined;
  const entries = Math.min(tiff.getUint16(directory, little), ENTRIES);
  for (let entry = 0; entry < entries; entry++) {
    const at = directory + 2 + 12 * entry;
    if (at + 12 > tiff.byteLength) return undefined;
    if (tiff.getUint16(at, little) !== ORIENTATION || tiff.getUint16(at + 2, little) !== SHORT) continue;
    const value = tiff.getUint16(at + 8, little);
    return value >= 1 && value <= 8 ? value : undefined;
  }
  return undefined;
}

/** Body of an APP1 segment that says the orientation and nothing else. */
export const exifWithOrientation = (orientation: number): Uint8Array =>
  Uint8Array.of(
    ...HEADER,
    ...[0x4d, 0x4d, 0, 42, 0, 0, 0, 8],
    ...[0, 1],
    ...[ORIENTATION >> 8, ORIENTATION & 0xff, 0, SHORT, 0, 0, 0, 1, 0, orientation, 0, 0],
    ...[0, 0, 0, 0],
  );
