/**
 * Words that speak of an individual lawful owner in free text. The network does not track them (R10): no field exists, and
 * this list keeps them out of the texts too. It reads words, not meaning: it can miss, so people are told what it looks for.
 */

export interface OwnerFinding {
  /** BCP 47 language of the rule. */
  readonly language: string;
  /** Where the words begin, in UTF-16 units of the normalised text. */
  readonly at: number;
}

/** Arms, in the words of each language, as they stand before or after a permit. */
const RULES: readonly (readonly [string, RegExp])[] = [
  [
    'en',
    /\b(lawful|legal|legitimate|licen[cs]ed|rightful|private|civilian) (gun |firearm |weapon |rifle |pistol )?owners?\b/,
  ],
  [
    'en',
    // A ship, aircraft or company has a registered owner too, and that one is the network's business.
    /(?<!(vessel|ship|aircraft|vehicle|company)('s)? )\bregistered (gun |firearm |weapon |rifle |pistol )?owners?\b(?! of (the |an? |this )?(vessel|ship|aircraft|vehicle|lorry|truck|company|container))/,
  ],
  ['en', /\b(gun|firearms?|weapons?|rifles?|pistols?) (owners?|owner name|holders?)\b/],
  ['en', /\b(owners?|holders?) of (the |an? |this )?(gun|firearms?|weapons?|rifles?|pistols?|shotguns?)\b/],
  [
    'en',
    /\b(gun|firearms?|weapons?|shotgun|hunting|carry) (permits?|licen[cs]es?|certificates?)( card)? (holders?|no|nr|number|of|issued to)\b/,
  ],
  ['en', /\b(concealed carry|permit holders?|ownername|owner name)\b/],
  ['en', /\b(gun|firearm|weapon|rifle|pistol|shotgun) (lawfully |legally )?(owned|held) by (mr|mrs|ms|dr)\b/],
  [
    'fr',
    /\b(proprietaire|detenteur|detentrice|possesseur)s? (legal|legale|legaux|legitime|legitimes|licite|licites|autorise|autorisee)\b/,
  ],
  ['fr', /\bproprietaires? (de l ?arme|du fusil|du pistolet|des armes)\b/],
  [
    'fr',
    /\b(titulaires? (du |d un )?permis|permis de (port d armes?|detention|chasse)|autorisation de detention)\b/,
  ],
  [
    'es',
    /\b(propietari[oa]s?|poseedor(es|a)?|due[nñ][oa]s?) (legal(es)?|legitim[oa]s?|registrad[oa]s?|licit[oa]s?|del arma|de las armas)\b/,
  ],
  [
    'es',
    /\b(titular(es)? de(l| la)? (permiso|licencia|guia)|(permiso|licencia|guia) de armas?|porte de armas?)\b/,
  ],
  [
    'pt',
    /\b(proprietari[oa]s?|possuidor(es|a)?|don[oa]s?|detentor(es|a)?) (legal|legais|legitim[oa]s?|registad[oa]s?|registrad[oa]s?|licit[oa]s?|da arma|das armas)\b/,
  ],
  [
    'pt',
    /\b(titular(es)? d[ae] (licenca|porte)|licenca de (uso e )?porte|porte de armas?|uso e porte de arma)\b/,
  ],
  [
    'it',
    /\b(proprietari[oae]?|detentor[ei]) (legittim[oaie]|legal[ei]|dell ?arma|delle armi)\b|\bporto d ?armi\b/,
  ],
  [
    'de',
    /\b(rechtmassig|legal|eingetragen)(e|er|en|es)? (waffen)?(eigentumer|besitzer|inhaber)(in)?\b|\bwaffen(besitzkarte|schein|besitzer|eigentumer)\b/,
  ],
  [
    'ru',
    /(законн|зарегистрированн)[а-я]* (владел|собственник)[а-я]*|владел[а-я]* (оружия|ружья|винтовки|пистолета)|(разрешени|лицензи)[а-я]* на (ношение|хранение|оружие|приобретение)/,
  ],
  [
    'ar',
    /(المالك|مالك|صاحب) (القانوني|الشرعي|المسجل|السلاح|البندقيه|المسدس)|رخصه (حمل )?(السلاح|سلاح)|حامل (ال)?رخصه/,
  ],
];

/** Most texts are: nothing in them has an accent, a sign to take off, or a letter of the rules in other scripts. */
const ASCII = /^[\u0000-\u007f]*$/;
const OTHER_SCRIPTS: ReadonlySet<string> = new Set(['ru', 'ar']);
const LATIN_RULES = RULES.filter(([language]) => !OTHER_SCRIPTS.has(language));

/** What `plain` makes of ASCII, in fewer steps. */
const plainAscii = (text: string): string =>
  text
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .replace(/[^a-z0-9']+/g, ' ')
    .replace(/(?<=\b[ldn])'/g, ' ')
    .trim();

/** Lower case, without accents, Arabic vowel signs and punctuation; one space between words. */
const plain = (text: string): string =>
  text
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[\p{M}\u0640\p{Cf}]/gu, '')
    .replace(/[\u2018\u2019\u02bc]/g, "'")
    .replaceAll('ة', 'ه')
    .replace(/[^\p{L}\p{N}']+/gu, ' ')
    .replace(/(?<=\b[ldn])'/g, ' ')
    .trim();

/** Every place in a text that speaks of an individual lawful owner or a permit, in any of the languages known. */
export function ownerLint(text: string): readonly OwnerFinding[] {
  const ascii = ASCII.test(text);
  const words = ascii ? plainAscii(text) : plain(text);
  const findings: OwnerFinding[] = [];
  for (const [language, rule] of ascii ? LATIN_RULES : RULES) {
    const at = words.search(rule);
    if (at >= 0) findings.push({ language, at });
  }
  return findings;
}
