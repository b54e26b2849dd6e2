/** Files that a content names. They come into it by an upload, never by typing. Pure. */
import { type Content, getAt, isObject, setAt } from './content.ts';
import type { Json, JsonObject } from './forms.ts';

/** The facet's list; a path of it names one file. */
export const FILES_PATH = ['facets', 'attachments', 'files'] as const;

export interface DraftFile {
  /** Base64, as the record's JSON form has it. */
  readonly sha256: string;
  readonly mime: string;
  readonly size: number;
  readonly caption: string;
  readonly class: string;
  readonly redacted: boolean;
}

const textIn = (file: JsonObject, name: string): string => {
  const value = file[name];
  return typeof value === 'string' ? value : '';
};

const entriesOf = (content: Content): readonly Json[] => {
  const files = getAt(content as unknown as Json, FILES_PATH);
  return Array.isArray(files) ? (files as readonly Json[]) : [];
};

export const filesIn = (content: Content): readonly DraftFile[] =>
  entriesOf(content)
    .filter(isObject)
    .map((file) => ({
      sha256: textIn(file, 'sha256'),
      mime: textIn(file, 'mime'),
      size: Number(file.size ?? 0),
      caption: textIn(file, 'caption'),
      class: textIn(file, 'class'),
      redacted: file.redacted === true,
    }));

/**
 * The content with one file more, as the node's content names it: its key and its digests are there alone. The same where that names none with
 * this digest, or this one does already.
 */
export function withFileOf(content: Content, atNode: Content, sha256: string): Content {
  const isIt = (file: Json): boolean => isObject(file) && file.sha256 === sha256;
  const known = entriesOf(content);
  const found = entriesOf(atNode).find(isIt);
  if (found === undefined || known.some(isIt)) return content;
  return setAt(content as unknown as Json, FILES_PATH, [...known, found]) as unknown as Content;
}
