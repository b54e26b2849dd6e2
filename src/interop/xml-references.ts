/** References in XML of strangers: five names and the numbers of characters, nothing that a document declares (XML 1.0 §4.1, §4.6). */
import { refuse } from './errors.ts';

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const REFERENCE = /&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|(amp|lt|gt|quot|apos));|&/g;

/** Characters that XML 1.0 allows (§2.2). */
const isXmlChar = (code: number): boolean =>
  code === 0x9 ||
  code === 0xa ||
  code === 0xd ||
  (code >= 0x20 && code <= 0xd7ff) ||
  (code >= 0xe000 && code <= 0xfffd) ||
  (code >= 0x10000 && code <= 0x10ffff);

/** Resolves references once, never twice: `&amp;lt;` is the text `&lt;`. */
export function resolved(raw: string): string {
  return raw.replace(REFERENCE, (_match, decimal?: string, hexadecimal?: string, name?: string) => {
    const named = name === undefined ? undefined : NAMED[name];
    if (named !== undefined) return named;
    const code =
      decimal === undefined ? Number.parseInt(hexadecimal ?? '', 16) : Number.parseInt(decimal, 10);
    if (!isXmlChar(code))
      throw refuse(
        'XML_ENTITY',
        'expected amp, lt, gt, quot, apos or the number of a character in a reference',
      );
    return String.fromCodePoint(code);
  });
}
