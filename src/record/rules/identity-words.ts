/**
 * Words in a report that may tell who called: telephone numbers, addresses of electronic mail, and the ways in which people say their name
 * (R9). It reads words, not meaning: it misses, and it finds what belongs to those reported on. So it flags, and a person judges.
 */

/** Seven digits or more, grouped as people write telephone numbers, in the digits of any script. */
const PHONE = /(?:\+|(?<![\p{Nd}.,]))\p{Nd}(?:[\s().‑-]{0,2}\p{Nd}){6,14}(?!\p{Nd})/u;
const EMAIL =
  /[\p{L}\p{N}._%+-]{1,64}\s?(?:@|\[at\]|\(at\)|\sarroba\s)\s?[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63})+/iu;
/** What stands before one's own name, in the languages that operators write in; then a word that begins as a name does. */
const NAMES: readonly RegExp[] = [
  /(?<!\p{L})(?:my name is|i am called|call me|(?:caller|informant|source)(?:['’]s name)? is)\s+\p{L}/iu,
  /(?<!\p{L})(?:je m['’]appelle|mon nom est|je me nomme|(?:l['’]appelant|l['’]informateur)e? s['’]appelle)\s+\p{L}/iu,
  /(?<!\p{L})(?:me llamo|mi nombre es|(?:el|la) (?:llamante|informante) se llama)\s+\p{L}/iu,
  /(?<!\p{L})(?:chamo-me|me chamo|(?:o )?meu nome é|(?:o|a) (?:informador|informante)a? chama-se)\s+\p{L}/iu,
  /(?:^|[^\p{L}])(?:اسمي|إسمي|أنا اسمي|أُدعى|اسم المتصل)\s+\p{L}/u,
];

/** Codes of what is found in a text; each stands for a flag. */
export function identityFindings(text: string): readonly ('PHONE_LIKE' | 'EMAIL_LIKE' | 'NAME_LIKE')[] {
  return [
    ...(PHONE.test(text) ? (['PHONE_LIKE'] as const) : []),
    ...(EMAIL.test(text) ? (['EMAIL_LIKE'] as const) : []),
    ...(NAMES.some((name) => name.test(text)) ? (['NAME_LIKE'] as const) : []),
  ];
}
