/** A record's JSON form while it is written: changed by paths, without what is empty when it is sent. Pure. */
import type { Json, JsonObject } from './forms.ts';

export type Path = readonly (string | number)[];

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const isEmpty = (value: Json | undefined): boolean =>
  value === undefined ||
  value === null ||
  value === '' ||
  (Array.isArray(value) && value.every(isEmpty)) ||
  (isObject(value) && Object.values(value).every(isEmpty));

export function getAt(value: Json | undefined, path: Path): Json | undefined {
  let at = value;
  for (const step of path) {
    if (Array.isArray(at) && typeof step === 'number') at = at[step];
    else if (isObject(at) && typeof step === 'string') at = at[step];
    else return undefined;
  }
  return at;
}

/** A copy with one place changed; `undefined` takes it away. What is not there yet is made on the way. */
export function setAt(value: Json | undefined, path: Path, next: Json | undefined): Json {
  const [step, ...rest] = path;
  if (step === undefined) return next ?? null;
  if (typeof step === 'number') {
    const list = Array.isArray(value) ? [...value] : [];
    if (rest.length === 0 && next === undefined) list.splice(step, 1);
    else list[step] = setAt(list[step], rest, next);
    return list;
  }
  const object: Record<string, Json> = { ...(isObject(value) ? value : {}) };
  if (rest.length === 0 && next === undefined) delete object[step];
  else object[step] = setAt(object[step], rest, next);
  return object;
}

/** Puts back what was taken away, beside what was written since: into its list where it stood, else where nothing stands now. */
export function putBack(value: Json | undefined, path: Path, taken: Json): Json {
  const at = path.at(-1);
  if (typeof at !== 'number')
    return getAt(value, path) === undefined ? setAt(value, path, taken) : (value ?? null);
  const list = getAt(value, path.slice(0, -1));
  return setAt(value, path.slice(0, -1), (Array.isArray(list) ? list : []).toSpliced(at, 0, taken));
}

/** What is sent: empty texts, lists and objects are left out; a list of the marking stays, since empty is a choice there. */
export function filled(value: Json, keepLists = false): Json {
  if (Array.isArray(value)) return value.filter((item) => !isEmpty(item)).map((item) => filled(item));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => {
      if (keepLists && Array.isArray(inner)) return [[key, filled(inner)]];
      return isEmpty(inner) ? [] : [[key, filled(inner)]];
    }),
  );
}

export interface Content {
  readonly kind: string;
  readonly priority?: string;
  readonly deskGroup?: string;
  readonly marking: JsonObject;
  readonly expires?: string;
  readonly reviewBy?: string;
  readonly facets: JsonObject;
}

/** JSON text as the desk takes it. */
export function contentJson(content: Content): string {
  const { marking, facets, ...rest } = content;
  return JSON.stringify({
    ...(filled(rest as JsonObject) as JsonObject),
    marking: filled(marking, true),
    facets: filled(facets),
  });
}

/** The same text for the same value, in whatever order its names stand. */
const canonical = (value: Json | undefined): string =>
  JSON.stringify(value ?? null, (_name, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );

/** Parts in which two contents differ: names of facets, and of what stands beside them where both state it. */
export function differences(one: Content, other: Content): readonly string[] {
  const [a, b] = [one, other].map((content) => JSON.parse(contentJson(content)) as Content);
  if (a === undefined || b === undefined) return [];
  const { facets: theirs, ...besideTheirs } = a;
  const { facets: ours, ...besideOurs } = b;
  const differ = (name: string, left: JsonObject, right: JsonObject) =>
    canonical(left[name]) !== canonical(right[name]);
  const [left, right] = [besideTheirs, besideOurs] as unknown as readonly [JsonObject, JsonObject];
  return [
    ...Object.keys(left).filter((name) => name in right && differ(name, left, right)),
    ...[...new Set([...Object.keys(theirs), ...Object.keys(ours)])].filter((name) =>
      differ(name, theirs, ours),
    ),
  ];
}

export const textOfPath = (path: Path): string =>
  path.reduce<string>(
    (text, step) => (typeof step === 'number' ? `${text}[${step}]` : text === '' ? step : `${text}.${step}`),
    '',
  );
