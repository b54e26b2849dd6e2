/** Names of facets that never leave a node, whatever the kind: known kinds say so by class, unknown ones cannot. */
const NEVER: ReadonlySet<string> = new Set(['source', 'internal', 'vulnerability']);

/** Whether a facet of this name never leaves its node. */
export const isForbiddenName = (facet: string): boolean => NEVER.has(facet);
