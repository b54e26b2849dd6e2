/** Which requests of the console the service worker answers out of its own copy of the program. Pure. */

/** `page` = the one page of every address, `part` = a file that the build names by its content, `none` = the network's business. */
export type Answered = 'page' | 'part' | 'none';

export interface Asked {
  readonly method: string;
  readonly url: string;
  /** Fetch metadata: `navigate` for an address that is opened. */
  readonly mode: string;
}

/** Of the paths of the program's files alone: what the desk says is never answered from here. */
export function answeredBy(asked: Asked, origin: string, files: ReadonlySet<string>): Answered {
  const url = new URL(asked.url);
  if (asked.method !== 'GET' || url.origin !== origin || url.pathname.startsWith('/api/')) return 'none';
  if (asked.mode === 'navigate') return /\.[a-z0-9]{2,5}$/.test(url.pathname) ? 'none' : 'page';
  return files.has(url.pathname) || NAMED_BY_CONTENT.test(url.pathname) ? 'part' : 'none';
}

/** Files of an earlier build too: a window that is still open asks for its own. */
const NAMED_BY_CONTENT = /^\/[A-Za-z0-9_]+-[A-Za-z0-9_-]{8,}\.(js|css|json)$/;

const PREFIX = 'program-';

export const cacheOf = (version: string): string => `${PREFIX}${version}`;

/**
 * Copies that no window needs any more, of all names in the order in which they were made: the one in use stays, and the one before
 * it, whose parts windows that are still open may yet load.
 */
export function outdated(names: readonly string[], inUse: string): readonly string[] {
  return names.filter((name) => name.startsWith(PREFIX) && name !== inUse).slice(0, -1);
}
