/** Items of a document read for themselves are those of the document read whole, and what is refused whole is refused in parts. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8 } from '../../../src/base/bytes.ts';
import { readXml, type XmlElement } from '../../../src/interop/xml.ts';
import { canonicalXml } from '../../../src/interop/xml-canonical.ts';
import { openXmlItems, type XmlItems } from '../../../src/interop/xml-items.ts';
import { codeOf } from '../../support/listed.ts';
import { ofacAdvancedList } from '../../support/ofac-advanced-list.ts';

const ITEMS = new Map([
  ['Places', 'Place'],
  ['Papers', 'Paper'],
]);

function openItems(bytes: Uint8Array, root = 'List', items: ReadonlyMap<string, string> = ITEMS): XmlItems {
  const reading = openXmlItems(bytes, root, items);
  for (;;) {
    const { done, value } = reading.next();
    if (done === true) return value;
  }
}

const partsOf = (root: XmlElement, part: string, item: string): readonly XmlElement[] =>
  (root.children.get(part) ?? []).flatMap((one) => one.children.get(item) ?? []);

/** What both ways of reading make of it: the items of each part, and all else of the root but the texts around items. */
function expectAlike(bytes: Uint8Array, root: string, items: ReadonlyMap<string, string>): void {
  const whole = readXml(bytes, root);
  const parts = openItems(bytes, root, items);
  for (const [part, name] of items) {
    const expected = partsOf(whole, part, name);
    const found = parts.itemsOf(part);
    expect(found.map((item) => canonicalXml(parts.read(item)))).toEqual(
      expected.map((one) => canonicalXml(one)),
    );
    expect(found.map((item) => [...parts.attributesOf(item)])).toEqual(
      expected.map(({ attributes }) => [...attributes]),
    );
  }
  const ignored = new Set(items.values());
  expect(canonicalXml(parts.root, ignored)).toEqual(canonicalXml(whole, ignored));
}

const text = fc.constantFrom(
  '',
  ' ',
  'kelp',
  ' a b ',
  '&amp;lt;',
  '&#x416;',
  'Ж',
  '\r\n',
  '"\'',
  '>',
  ']]',
  '=/',
);
const aside = fc.constantFrom('', '<!-- <Place> " -->', "<![CDATA[</Place>& ']]>", '<?pi <Place> ?>', '\n');
const attributes = fc
  .uniqueArray(fc.constantFrom('ID', 'IdentityID', 'x-y'), { maxLength: 3 })
  .chain((names) =>
    fc
      .tuple(
        ...names.map(() =>
          fc.constantFrom('1', ' 7 ', 'a>b', '/', '&quot;', "it's", '<'.replace('<', '&lt;')),
        ),
      )
      .map((values) => names.map((name, at) => ` ${name}="${values[at]}"`).join('')),
  );
const { element } = fc.letrec<{ element: string }>((tie) => ({
  element: fc
    .tuple(
      fc.constantFrom('Value', 'Place', 'Places', 'Paper', 'v.1'),
      attributes,
      fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        fc.array(text, { maxLength: 2 }),
        fc.array(fc.oneof(text, aside, tie('element')), { maxLength: 3 }),
      ),
      fc.boolean(),
    )
    .map(([name, given, inner, isShort]) =>
      inner.length === 0 && isShort ? `<${name}${given}/>` : `<${name}${given}>${inner.join('')}</${name}>`,
    ),
}));
const item = (name: string) =>
  fc
    .tuple(attributes, fc.array(fc.oneof(text, aside, element), { maxLength: 3 }), fc.boolean())
    .map(([given, inner, isShort]) =>
      isShort ? `<${name}${given} />` : `<${name}${given}>${inner.join('')}</${name}\n>`,
    );
const part = (name: string, of: string) =>
  fc
    .array(fc.oneof({ arbitrary: item(of), weight: 3 }, element, aside), { maxLength: 5 })
    .map((inner) => `<${name}>${inner.join('\n')}</${name}>`);
const document = fc
  .tuple(
    fc.constantFrom('', '\ufeff', '<?xml version="1.0"?>\n'),
    aside,
    part('Places', 'Place'),
    part('Papers', 'Paper'),
    element,
  )
  .map(([first, ...parts]) => `${first}<List>${parts.join('')}</List>`);

/** A document with something cut out of it or put into it. */
const broken = fc
  .tuple(
    document,
    fc.nat(),
    fc.nat(6),
    fc.constantFrom(
      '',
      '<',
      '>',
      '"',
      '/',
      '</Place>',
      '<Place>',
      '&',
      '&#0;',
      '<!',
      ']]>',
      '-->',
      '<__proto__/>',
      '<a>'.repeat(19),
      '\0',
    ),
  )
  .map(([whole, at, length, put]) => {
    const from = at % (whole.length + 1);
    return whole.slice(0, from) + put + whole.slice(from + length);
  });

describe('a document read by its items', () => {
  it('says the same as read whole', () => {
    fc.assert(fc.property(document, (whole) => expectAlike(utf8(whole), 'List', ITEMS)));
  });

  it('is refused for the same reason, or not at all, whatever is cut out of it or put into it', () => {
    fc.assert(
      fc.property(broken, (bent) => {
        // An instruction that lost its end or has a quotation mark is read on to wherever there is another one.
        fc.pre(!/<\?(?!xml version="1\.0"\?>|pi <Place> \?>)/.test(bent));
        // The validator takes this for an element without content.
        fc.pre(!/<\/(?:"[^"]*"|'[^']*'|[^>])*\/>/.test(bent));
        const bytes = utf8(bent);
        const code = codeOf(() => readXml(bytes, 'List'));
        expect(codeOf(() => openItems(bytes))).toBe(code);
        if (code === 'read') expectAlike(bytes, 'List', ITEMS);
      }),
      { numRuns: 2_000 },
    );
  });

  it('nests as deep as read whole, and no deeper', () => {
    const deep = (levels: number) =>
      utf8(`<List><Places><Place>${'<a>'.repeat(levels)}${'</a>'.repeat(levels)}</Place></Places></List>`);
    const codes = (read: (bytes: Uint8Array) => unknown) =>
      Array.from({ length: 6 }, (_, at) => codeOf(() => read(deep(15 + at))));
    expect(codes(openItems)).toEqual(codes((bytes) => readXml(bytes, 'List')));
    expect(new Set(codes(openItems))).toEqual(new Set(['read', 'XML_MALFORMED']));
  });

  it('tells a fault in an item, and one behind it, at their lines', () => {
    const faultOf = (inner: string) => {
      try {
        openItems(utf8(`<List>\n<Places>\n<Place>\n1</Place>\n${inner}</Places>\n</List>`));
        return 'read';
      } catch (error) {
        return String(error);
      }
    };
    expect(faultOf('<Place>\n</Place>')).toBe('read');
    expect(faultOf('<Place>\n<a></b></Place>')).toContain('at line 6');
    expect(faultOf('<Place></Place>\n<a></b>')).toContain('at line 6');
  });

  it('of the form of the US list is the same in parts as whole', () => {
    const parts = new Map([
      ['Locations', 'Location'],
      ['IDRegDocuments', 'IDRegDocument'],
      ['DistinctParties', 'DistinctParty'],
      ['SanctionsEntries', 'SanctionsEntry'],
    ]);
    expectAlike(ofacAdvancedList({ parties: 40 }), 'Sanctions', parts);
  });
});
