/**
 * XML of strangers, read as data: no document types, no entities of its own, bounded depth and names, UTF-8 only. The
 * parser is lax about form, so a validator runs before it. Knows no list.
 */
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { hex, textOf } from '../base/bytes.ts';
import { LIMITS } from '../base/limits.ts';
import { refuse } from './errors.ts';

/** An element: its children by name, each name's elements in order. */
export interface XmlElement {
  readonly text: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: ReadonlyMap<string, readonly XmlElement[]>;
}

const MAX_DEPTH = 20;
const ATTRIBUTE = '@';
const CDATA = '#cdata';
const TEXT = '#text';

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
function resolved(raw: string): string {
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

/** Declarations beyond the XML line: the gate before any parser sees the text (billion laughs, external entities). */
function refuseDeclarations(text: string): void {
  for (let at = text.indexOf('<!'); at !== -1; at = text.indexOf('<!', at + 2)) {
    if (text.startsWith('<!--', at) || text.startsWith('<![CDATA[', at)) continue;
    throw refuse('XML_DOCTYPE', 'expected a list without document type and entity declarations; it has one');
  }
  const declared = /^<\?xml\s[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']/.exec(
    text.slice(0, 300),
  )?.[1];
  if (declared !== undefined && !/^utf-?8$/i.test(declared))
    throw refuse('NOT_UTF8', `expected UTF-8, the file declares another encoding; convert it first`);
}

function decode(bytes: Uint8Array): string {
  if (bytes.length > LIMITS.importBytes)
    throw refuse('TOO_LARGE', `expected at most ${LIMITS.importBytes} bytes, got ${bytes.length}`, {
      facts: { bytes: bytes.length },
    });
  let text: string;
  try {
    text = textOf(bytes);
  } catch {
    throw refuse(
      'NOT_UTF8',
      `expected UTF-8, the file begins with ${hex(bytes.subarray(0, 4))}; convert it first`,
    );
  }
  const body = text.startsWith('\ufeff') ? text.slice(1) : text;
  if (body.includes('\0'))
    throw refuse('NOT_UTF8', 'expected UTF-8 text without NUL; convert the file first');
  return body;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

/** Of every element that has text alone, which are nearly all of a list: two maps each would be most of its memory. */
const NONE: ReadonlyMap<string, never> = new Map<string, never>();

function elementOf(value: unknown): XmlElement {
  if (!isObject(value))
    return { text: typeof value === 'string' ? resolved(value) : '', attributes: NONE, children: NONE };
  const attributes = new Map<string, string>();
  const children = new Map<string, readonly XmlElement[]>();
  const texts: string[] = [];
  for (const [name, child] of Object.entries(value)) {
    if (name === TEXT) texts.push(resolved(String(child)));
    else if (name === CDATA) texts.push(...listOf(child).map(String));
    else if (name.startsWith(ATTRIBUTE)) attributes.set(name.slice(1), resolved(String(child)));
    else if (!name.startsWith('?')) children.set(name, listOf(child).map(elementOf));
  }
  return { text: texts.join(' '), attributes, children };
}

/**
 * The root element of a document, whose name must be the one expected. Throws InteropError TOO_LARGE, NOT_UTF8,
 * XML_DOCTYPE, XML_ENTITY, XML_MALFORMED (also for a truncated file), WRONG_ROOT.
 */
export function readXml(bytes: Uint8Array, rootName: string): XmlElement {
  const text = decode(bytes);
  refuseDeclarations(text);
  const tree = parse(text);
  const roots = Object.keys(tree).filter((name) => !name.startsWith('?'));
  if (roots.length !== 1 || roots[0] !== rootName)
    throw refuse('WRONG_ROOT', `expected a document of ${rootName}, got another; check which list it is`);
  return elementOf(tree[rootName]);
}

function parse(text: string): Readonly<Record<string, unknown>> {
  let fault: string | undefined;
  try {
    const valid = XMLValidator.validate(text);
    if (valid !== true) fault = `at line ${valid.err.line}`;
    else {
      const parser = new XMLParser({
        attributeNamePrefix: ATTRIBUTE,
        textNodeName: TEXT,
        cdataPropName: CDATA,
        ignoreAttributes: false,
        ignoreDeclaration: true,
        ignorePiTags: true,
        parseTagValue: false,
        parseAttributeValue: false,
        // References are resolved here, once and bounded, after the parser has found the text.
        processEntities: false,
        maxNestedTags: MAX_DEPTH,
        trimValues: true,
      });
      const tree: unknown = parser.parse(text);
      if (isObject(tree)) return tree;
      fault = 'somewhere';
    }
  } catch {
    // The parser's own words may quote the file: nesting too deep, or a name that it refuses.
    fault = 'in its nesting or names';
  }
  throw refuse(
    'XML_MALFORMED',
    `expected a whole, well-formed document, it breaks off or is faulty ${fault}`,
  );
}
