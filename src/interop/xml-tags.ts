/**
 * Tags of an XML document by where they stand (XML 1.0 §2.4 to §3.1), over comments, CDATA and processing instructions. Judges
 * nothing but that each of these ends: what stands in a tag the validator judges. Bytes of UTF-8 below 128 are never part of others.
 */
import { malformed } from './xml.ts';

export interface XmlTag {
  readonly kind: 'open' | 'close' | 'empty';
  readonly from: number;
  /** Behind its last byte. */
  readonly to: number;
}

const [SLASH, QUESTION, EXCLAMATION, GREATER, DOUBLE, SINGLE] = [0x2f, 0x3f, 0x21, 0x3e, 0x22, 0x27];

/** Throws XML_MALFORMED where something does not end. */
export function* scanTags(document: Buffer): Generator<XmlTag, void, void> {
  for (let at = document.indexOf('<'); at !== -1; ) {
    const next = document[at + 1];
    let to: number;
    if (next === QUESTION) to = behind(document, '?>', at + 2);
    else if (next === EXCLAMATION)
      to =
        document[at + 2] === 0x5b
          ? behind(document, ']]>', at + '<![CDATA['.length)
          : behind(document, '-->', at + '<!--'.length);
    else {
      to = behindTag(document, at);
      if (next === SLASH) yield { kind: 'close', from: at, to };
      else yield { kind: document[to - 2] === SLASH ? 'empty' : 'open', from: at, to };
    }
    at = document.indexOf('<', to);
  }
}

function behind(document: Buffer, mark: string, from: number): number {
  const at = document.indexOf(mark, from);
  if (at === -1) throw malformedAt(document, from);
  return at + mark.length;
}

/** A bracket in quotation marks ends no tag. */
function behindTag(document: Buffer, from: number): number {
  let quote = 0;
  for (let at = from + 1; at < document.length; at += 1) {
    const byte = document[at];
    if (quote !== 0) {
      if (byte === quote) quote = 0;
    } else if (byte === DOUBLE || byte === SINGLE) quote = byte;
    else if (byte === GREATER) return at + 1;
  }
  throw malformedAt(document, from);
}

export function malformedAt(document: Buffer, at: number): Error {
  let line = 1;
  for (let end = document.indexOf('\n'); end !== -1 && end < at; end = document.indexOf('\n', end + 1))
    line += 1;
  return malformed(`at line ${line}`);
}
