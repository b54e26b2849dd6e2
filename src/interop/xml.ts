/**
 * XML of strangers, read as data: no document types, no entities of its own, bounded depth and names, UTF-8 only. The
 * parser is lax about form, so a validator runs before it. Knows no list.
 */
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { hex, textOf } from '../base/bytes.ts';
import { LIMITS } from '../base/limits.ts';
import { refuse } from './errors.ts';
import { NONE, type XmlElement } from './xml-element.ts';
import { plainElement } from './xml-plain.ts';
import { resolved } from './xml-references.ts';

export type { XmlElement };

export const MAX_DEPTH = 20;
const ATTRIBUTE = '@';
const CDATA = '#cdata';
const TEXT = '#text';

/** Bytes looked at between two looks at what else there is to do. */
const BYTES_AT_ONCE = 256 * 1024;

const notUtf8 = (bytes: Uint8Array): Error =>
  refuse('NOT_UTF8', `expected UTF-8, the file begins with ${hex(bytes.subarray(0, 4))}; convert it first`);

function* refuseOtherEncodings(bytes: Uint8Array): Generator<void, void, void> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  try {
    for (let from = 0; from < bytes.length; from += BYTES_AT_ONCE) {
      decoder.decode(bytes.subarray(from, from + BYTES_AT_ONCE), { stream: true });
      yield;
    }
    decoder.decode();
  } catch {
    throw notUtf8(bytes);
  }
  if (bytes.includes(0)) throw refuse('NOT_UTF8', 'expected UTF-8 text without NUL; convert the file first');
}

const COMMENT_OR_CDATA = ['<!--', '<![CDATA['] as const;

/** Declarations beyond the XML line: the gate before any parser sees the text (billion laughs, external entities). */
function* refuseDeclarations(bytes: Buffer): Generator<void, void, void> {
  let next = BYTES_AT_ONCE;
  for (let at = bytes.indexOf('<!'); at !== -1; at = bytes.indexOf('<!', at + 2)) {
    if (!COMMENT_OR_CDATA.some((mark) => bytes.toString('latin1', at, at + mark.length) === mark))
      throw refuse(
        'XML_DOCTYPE',
        'expected a list without document type and entity declarations; it has one',
      );
    if (at < next) continue;
    next = at + BYTES_AT_ONCE;
    yield;
  }
  const declared = /^<\?xml\s[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']/.exec(
    bytes.toString('utf8', 0, 1_200).slice(0, 300),
  )?.[1];
  if (declared !== undefined && !/^utf-?8$/i.test(declared))
    throw refuse('NOT_UTF8', `expected UTF-8, the file declares another encoding; convert it first`);
}

/** The document without its byte order mark. Throws TOO_LARGE, NOT_UTF8, XML_DOCTYPE. */
export function* judgedXml(bytes: Uint8Array): Generator<void, Buffer, void> {
  if (bytes.length > LIMITS.importBytes)
    throw refuse('TOO_LARGE', `expected at most ${LIMITS.importBytes} bytes, got ${bytes.length}`, {
      facts: { bytes: bytes.length },
    });
  yield* refuseOtherEncodings(bytes);
  const isMarked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  const body = isMarked ? bytes.subarray(3) : bytes;
  const buffer = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  yield* refuseDeclarations(buffer);
  return buffer;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

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

/** Throws XML_MALFORMED; `place` says where, and nothing of what stands there. */
export const malformed = (place: string): Error =>
  refuse('XML_MALFORMED', `expected a whole, well-formed document, it breaks off or is faulty ${place}`);

/** `linesBefore`: of the document before this text. Throws XML_MALFORMED. */
export function assertWellFormed(text: string, linesBefore = 0): void {
  let valid: ReturnType<typeof XMLValidator.validate>;
  try {
    valid = XMLValidator.validate(text);
  } catch {
    throw malformed('in its nesting or names');
  }
  if (valid !== true) throw malformed(`at line ${linesBefore + valid.err.line}`);
}

const parserOf = (depth: number): XMLParser =>
  new XMLParser({
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
    maxNestedTags: depth,
    trimValues: true,
  });

/** Made once: a long document has a hundred thousand items, each below the root and a part. */
const PARSERS = { document: parserOf(MAX_DEPTH), item: parserOf(MAX_DEPTH - 2) } as const;

/**
 * The one element of a well-formed text, a document or an item that stands below two others, with its name. Throws XML_MALFORMED where it nests too
 * deep or uses refused names, XML_ENTITY.
 */
export function parseElement(
  text: string,
  what: keyof typeof PARSERS = 'document',
): { readonly name: string; readonly element: () => XmlElement } {
  if (what === 'item') {
    const plain = plainElement(text, MAX_DEPTH - 2);
    if (plain !== undefined) return { name: '', element: () => plain };
  }
  let tree: unknown;
  try {
    tree = PARSERS[what].parse(text);
  } catch {
    // The parser's own words may quote the file.
    throw malformed('in its nesting or names');
  }
  if (!isObject(tree)) throw malformed('somewhere');
  const [name = '', ...others] = Object.keys(tree).filter((one) => !one.startsWith('?'));
  return { name: others.length > 0 ? '' : name, element: () => elementOf(tree[name]) };
}

/** Throws WRONG_ROOT. */
export function assertRoot(name: string, expected: string): void {
  if (name !== expected)
    throw refuse('WRONG_ROOT', `expected a document of ${expected}, got another; check which list it is`);
}

/**
 * The root element of a document, whose name must be the one expected. Throws InteropError TOO_LARGE, NOT_UTF8,
 * XML_DOCTYPE, XML_ENTITY, XML_MALFORMED (also for a truncated file), WRONG_ROOT.
 */
export function readXml(bytes: Uint8Array, rootName: string): XmlElement {
  const judging = judgedXml(bytes);
  let step = judging.next();
  while (step.done !== true) step = judging.next();
  const text = textOf(step.value);
  assertWellFormed(text);
  const { name, element } = parseElement(text);
  assertRoot(name, rootName);
  return element();
}
