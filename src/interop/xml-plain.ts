/**
 * Elements out of well-formed text of tags and words alone, ten times as fast as by the parser. What has more than that, or a name that
 * the parser treats apart, is the parser's: both make the same of the same text.
 */
import { NONE, type XmlElement } from './xml-element.ts';
import { resolved } from './xml-references.ts';

/** Comments, CDATA, instructions, other line ends, and names that mean something to JavaScript. */
const NOT_PLAIN = /<[!?]|\r|__|constructor|prototype|hasOwnProperty|toString|valueOf/;
const ATTRIBUTE = /([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;
const NAME_END = /[\s/>]/g;

interface Growing {
  readonly name: string;
  readonly attributes: XmlElement['attributes'];
  text: string;
  children: Map<string, XmlElement[]> | undefined;
}

/** Undefined where the parser is to read it. `most`: elements within each other. Throws XML_ENTITY. */
export function plainElement(text: string, most: number): XmlElement | undefined {
  if (NOT_PLAIN.test(text)) return undefined;
  const root: Growing = { name: '', attributes: NONE, text: '', children: undefined };
  const above: Growing[] = [];
  let current = root;
  for (let at = 0; ; ) {
    const tag = text.indexOf('<', at);
    if (tag === -1) break;
    if (tag > at) current.text += text.slice(at, tag).trim();
    if (text[tag + 1] === '/') {
      at = text.indexOf('>', tag) + 1;
      const parent = above.pop();
      if (parent === undefined) return undefined;
      add(parent, current);
      current = parent;
      continue;
    }
    NAME_END.lastIndex = tag + 1;
    const nameEnd = NAME_END.exec(text)?.index ?? text.length;
    const end = tagEnd(text, nameEnd);
    at = end + 1;
    const begun: Growing = {
      name: text.slice(tag + 1, nameEnd),
      attributes: attributesIn(text, nameEnd, end),
      text: '',
      children: undefined,
    };
    if (text[end - 1] === '/') add(current, begun);
    else {
      above.push(current);
      current = begun;
      if (above.length > most) return undefined;
    }
  }
  const [only] = root.children?.values() ?? [];
  return above.length === 0 && only?.length === 1 ? only[0] : undefined;
}

function add(parent: Growing, { name, attributes, text, children }: Growing): void {
  const element = { text: resolved(text), attributes, children: children ?? NONE };
  parent.children ??= new Map();
  const alike = parent.children.get(name);
  if (alike === undefined) parent.children.set(name, [element]);
  else alike.push(element);
}

/** A bracket in quotation marks ends no tag. */
function tagEnd(text: string, from: number): number {
  let end = text.indexOf('>', from);
  for (let at = from; ; ) {
    const double = text.indexOf('"', at);
    const single = text.indexOf("'", at);
    const open = double === -1 || (single !== -1 && single < double) ? single : double;
    if (open === -1 || open > end) return end;
    at = text.indexOf(text[open] ?? '', open + 1) + 1;
    if (at > end) end = text.indexOf('>', at);
  }
}

function attributesIn(text: string, from: number, to: number): XmlElement['attributes'] {
  if (to - from < 2) return NONE;
  const attributes = new Map<string, string>();
  for (const [, name = '', double, single] of text.slice(from, to).matchAll(ATTRIBUTE))
    attributes.set(name, resolved((double ?? single ?? '').trim()));
  return attributes.size === 0 ? NONE : attributes;
}
