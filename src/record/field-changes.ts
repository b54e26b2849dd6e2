/** What two versions of a message say differently, field by field: for people who compare revisions. */
import type { JsonValue } from '@bufbuild/protobuf';

/** One difference. `before` absent = added, `after` absent = removed. */
export interface FieldChange {
  /** As `weapons[2].serial`; places in lists are those of the later version, for what was removed those of the earlier. */
  readonly path: string;
  readonly before?: JsonValue;
  readonly after?: JsonValue;
}

/**
 * Differences between two ProtoJSON values, in the order of their fields. Lists are compared between what they begin and end
 * with alike, so that one entry put in or taken out is one difference.
 */
export function fieldChanges(
  before: JsonValue | undefined,
  after: JsonValue | undefined,
  path = '',
): readonly FieldChange[] {
  if (Array.isArray(before) && Array.isArray(after)) return listChanges(before, after, path);
  if (isObject(before) && isObject(after))
    return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((key) =>
      fieldChanges(before[key], after[key], path === '' ? key : `${path}.${key}`),
    );
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  return [{ path, ...(before !== undefined && { before }), ...(after !== undefined && { after }) }];
}

const isObject = (value: JsonValue | undefined): value is { [key: string]: JsonValue } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function listChanges(
  before: readonly JsonValue[],
  after: readonly JsonValue[],
  path: string,
): readonly FieldChange[] {
  const [texts, laterTexts] = [before.map(textOf), after.map(textOf)];
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && texts[start] === laterTexts[start]) start += 1;
  let end = 0;
  while (end < shorter - start && texts.at(-1 - end) === laterTexts.at(-1 - end)) end += 1;
  const [gone, come] = [before.slice(start, before.length - end), after.slice(start, after.length - end)];
  return Array.from({ length: Math.max(gone.length, come.length) }, (_, at) =>
    fieldChanges(gone[at], come[at], `${path}[${start + at}]`),
  ).flat();
}

const textOf = (value: JsonValue): string => JSON.stringify(value);
