/** An XML element as JSON in a fixed order: equal for elements that say the same. */
import type { XmlElement } from './xml.ts';

/** Attributes are left out where there are none, so that lists without them keep the digests they have. */
export function canonicalXml(element: XmlElement, ignored: ReadonlySet<string> = new Set()): unknown {
  const children = [...element.children]
    .filter(([name]) => !ignored.has(name))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, items]) => [name, items.map((item) => canonicalXml(item, ignored))]);
  const attributes = [...element.attributes]
    .filter(([name]) => !ignored.has(name))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return [element.text, children, ...(attributes.length > 0 ? [attributes] : [])];
}
