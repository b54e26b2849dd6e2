/** Names of the wire's closed sets, as people read them. */

/** `{DESK_GROUP_POLICE: 1}` and 1 → `police`; an unknown number is shown as itself. */
export function nameOf(set: Readonly<Record<string, number>>, prefix: string, value: number): string {
  const found = Object.entries(set).find(([, number]) => number === value)?.[0];
  return found?.startsWith(prefix)
    ? found.slice(prefix.length).toLowerCase().replaceAll('_', '-')
    : String(value);
}
