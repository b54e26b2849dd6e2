/**
 * The name of a file as it may be shown (T35): text, never a path. What would leave a folder, hide an ending or turn the line
 * around is gone; the blob itself is kept under its digest.
 */
const NAME_LENGTH = 120;
const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)$/i;

/** The last part of the name in NFC without control, direction and path characters; `file` where nothing is left. */
export function displayName(given: string): string {
  const last = given.slice(-4_096).normalize('NFC').split(/[/\\]/).at(-1) ?? '';
  const shown = last
    .replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu, '')
    .replace(/[<>:"|?*]/g, '_')
    .replace(/^[\s.]+|[\s.]+$/gu, '');
  const short = [...shown].slice(0, NAME_LENGTH).join('');
  const stem = short.split('.')[0] ?? '';
  if (short === '' || RESERVED.test(stem.trim())) return short === '' ? 'file' : `_${short}`;
  return short;
}
