/**
 * JSON that strangers wrote, read as everybody reads it (T36): JSON.parse takes the last of two values under one name, other
 * programs the first, so whoever approved one could have released the other. Such a text is refused, and so is one that is
 * nested deeper than any message of ours.
 */
const MAX_DEPTH = 100;

/** Throws SyntaxError, also for a name twice in one object and for deep nesting. */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  const fault = faultIn(text);
  if (fault !== undefined) throw new SyntaxError(fault);
  return value;
}

/** Of text that is JSON. */
function faultIn(text: string): string | undefined {
  /** Names of the objects that are open; undefined stands for a list. */
  const open: (Set<string> | undefined)[] = [];
  let isName = false;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '{' || char === '[') {
      if (open.length === MAX_DEPTH) return `nested deeper than ${MAX_DEPTH}`;
      open.push(char === '{' ? new Set() : undefined);
      isName = char === '{';
    } else if (char === '}' || char === ']') open.pop();
    else if (char === ',') isName = open.at(-1) !== undefined;
    else if (char === '"') {
      const end = endOfString(text, at);
      if (isName) {
        // As it is read: "a" and "\u0061" are one name.
        const name = String(JSON.parse(text.slice(at, end + 1)));
        if (open.at(-1)?.has(name)) return 'a name comes twice in one object';
        open.at(-1)?.add(name);
      }
      isName = false;
      at = end;
    }
  }
  return undefined;
}

function endOfString(text: string, start: number): number {
  let end = start + 1;
  while (text[end] !== '"') end += text[end] === '\\' ? 2 : 1;
  return end;
}
