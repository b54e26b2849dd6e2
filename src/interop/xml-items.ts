/**
 * A long document of many like items, each read for itself: the whole as a tree is twenty times as large as the file, and nobody is
 * answered while it grows. Every byte is judged before an item is read, in one item or in what is left without them, so that a
 * document counts or is refused as by `readXml`. Knows no list.
 */

import { InteropError } from './errors.ts';
import { assertRoot, assertWellFormed, judgedXml, MAX_DEPTH, parseElement, type XmlElement } from './xml.ts';
import { malformedAt, scanTags } from './xml-tags.ts';

/** Where an item stands in the document, in bytes; `head` ends its opening tag. */
export interface XmlItem {
  readonly from: number;
  readonly head: number;
  readonly to: number;
}

/** Root and part stand above an item, as the parser of items knows. */
const ABOVE = 2;
/** What only parsing an item whole judges: references, and names that the parser refuses. */
const TO_PARSE = /&|__proto__|constructor|prototype/;

export class XmlItems {
  /** All but the items. */
  readonly root: XmlElement;
  readonly #bytes: Buffer;
  readonly #items: ReadonlyMap<string, readonly XmlItem[]>;

  constructor(root: XmlElement, bytes: Buffer, items: ReadonlyMap<string, readonly XmlItem[]>) {
    this.root = root;
    this.#bytes = bytes;
    this.#items = items;
  }

  /** In the order of the document. */
  itemsOf(part: string): readonly XmlItem[] {
    return this.#items.get(part) ?? [];
  }

  read({ from, to }: XmlItem): XmlElement {
    return parseElement(this.#bytes.toString('utf8', from, to), 'item').element();
  }

  /** Without reading what stands in it. */
  attributesOf({ from, head, to }: XmlItem): XmlElement['attributes'] {
    const tag = this.#bytes.toString('utf8', from, head);
    return parseElement(head === to ? tag : `${tag.slice(0, -1)}/>`, 'item').element().attributes;
  }
}

/**
 * `items`: name of the items of each part, both below the root. Pauses after each item. Throws as `readXml`, and judges the whole
 * before it returns: a file that breaks off gives no item at all.
 */
export function* openXmlItems(
  bytes: Uint8Array,
  rootName: string,
  items: ReadonlyMap<string, string>,
): Generator<void, XmlItems, void> {
  const document = yield* judgedXml(bytes);
  const found = new Map<string, XmlItem[]>();
  const rest: string[] = [];
  const open: string[] = [];
  let restFrom = 0;
  /** Told once the whole is known to be well-formed, as of a document read whole. */
  let faults: readonly InteropError[] = [];
  let lines = 0;
  let begun: { readonly from: number; readonly head: number } | undefined;
  let deepest = 0;
  for (const { kind, from, to } of scanTags(document)) {
    const name = kind === 'close' ? '' : nameIn(document, from, to);
    if (
      begun === undefined &&
      kind !== 'close' &&
      open.length === ABOVE &&
      items.get(open[1] ?? '') === name
    ) {
      begun = { from, head: to };
      deepest = 0;
    }
    if (kind === 'open') open.push(name);
    else if (kind === 'close' && open.pop() === undefined) throw malformedAt(document, from);
    deepest = Math.max(deepest, open.length);
    if (begun === undefined || open.length > ABOVE) continue;
    const text = document.toString('utf8', begun.from, to);
    const before = document.toString('utf8', restFrom, begun.from);
    lines += linesIn(before);
    assertWellFormed(text, lines);
    if (deepest >= MAX_DEPTH || TO_PARSE.test(text)) faults = firstOf([...faults, ...faultsIn(text)]);
    const ofPart = found.get(open[1] ?? '');
    if (ofPart === undefined) found.set(open[1] ?? '', [{ ...begun, to }]);
    else ofPart.push({ ...begun, to });
    const linesOfItem = linesIn(text);
    // The lines stay, so that a fault behind an item is told at its own.
    rest.push(before, '\n'.repeat(linesOfItem));
    lines += linesOfItem;
    restFrom = to;
    begun = undefined;
    yield;
  }
  if (begun !== undefined) throw malformedAt(document, begun.from);
  rest.push(document.toString('utf8', restFrom));
  const text = rest.join('');
  assertWellFormed(text);
  const { name, element } = parseElement(text);
  const [fault] = faults;
  const grave = faults.find(({ code }) => code === 'XML_MALFORMED');
  if (grave !== undefined) throw grave;
  assertRoot(name, rootName);
  if (fault !== undefined) throw fault;
  return new XmlItems(element(), document, found);
}

/** Of each code the first: a document may have a million. */
const firstOf = (faults: readonly InteropError[]): readonly InteropError[] =>
  faults.filter(({ code }, at) => faults.findIndex((one) => one.code === code) === at);

function faultsIn(text: string): readonly InteropError[] {
  try {
    parseElement(text, 'item').element();
    return [];
  } catch (error) {
    if (error instanceof InteropError) return [error];
    throw error;
  }
}

/** Up to white space, the stroke of an element without content, or the end of the tag. */
function nameIn(document: Buffer, from: number, to: number): string {
  let end = from + 1;
  for (; end < to; end += 1) {
    const byte = document[end] ?? 0;
    if (byte <= 0x20 || byte === 0x2f || byte === 0x3e) break;
  }
  return document.toString('utf8', from + 1, end);
}

function linesIn(text: string): number {
  let lines = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines += 1;
  return lines;
}
