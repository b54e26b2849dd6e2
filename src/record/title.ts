/** One line for lists and notifications, out of facets of class S only: whoever may know of a record may read it. */
import type { FacetCodec } from './kind-row.ts';
import { kindOf } from './kinds.ts';
import { wireFault } from './wire.ts';

/** A facet's bytes by name, or disclosed facets. */
export type TitleFacets =
  | Readonly<Record<string, Uint8Array>>
  | readonly { readonly facet: string; readonly body: Uint8Array }[];

const MAX_TITLE = 160;

/** Title of a record; the kind's code where class S says nothing or is withheld. Never throws for hostile bytes. */
export function titleOf(kind: string, facets: TitleFacets): string {
  const row = kindOf(kind);
  if (row === undefined) return kind;
  const bodies = isList(facets)
    ? new Map(facets.map(({ facet, body }) => [facet, body]))
    : new Map(Object.entries(facets));
  const read = <Message>(name: string, codec: FacetCodec<Message>): Message | undefined => {
    const facet = row.facets.find((known) => known.name === name);
    const body = bodies.get(name);
    if (facet?.class !== 'S' || body === undefined || body.length === 0) return undefined;
    return wireFault(facet.typeName, body) === undefined ? codec.decode(body) : undefined;
  };
  const text = row.title(read)?.replace(/\s+/g, ' ').trim();
  if (text === undefined || text === '') return kind;
  return text.length > MAX_TITLE ? `${text.slice(0, MAX_TITLE - 1).trimEnd()}…` : text;
}

const isList = (
  facets: TitleFacets,
): facets is readonly { readonly facet: string; readonly body: Uint8Array }[] => Array.isArray(facets);
