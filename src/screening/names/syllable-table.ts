/** A table of lines `syllable characters` as a map of characters, made at the first question: few programs ask. */
export function syllables(lines: string): () => ReadonlyMap<string, string> {
  let read: Map<string, string> | undefined;
  return () => {
    if (read) return read;
    read = new Map();
    for (const line of lines.trim().split('\n')) {
      const [syllable = '', characters = ''] = line.split(' ');
      for (const character of characters) read.set(character, syllable);
    }
    return read;
  };
}
