/** XML as data, whoever read it. */

/** An element: its children by name, each name's elements in order. */
export interface XmlElement {
  readonly text: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: ReadonlyMap<string, readonly XmlElement[]>;
}

/** Of every element that has text alone, which are nearly all of a list: two maps each would be most of its memory. */
export const NONE: ReadonlyMap<string, never> = new Map<string, never>();
