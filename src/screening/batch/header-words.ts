/** Words that headers of columns are made of, in English, French, Spanish, Portuguese and Arabic, folded as `foldHeader` folds. */
import type { BatchField } from './fields.ts';

/** The longest phrase that a header holds decides, so `date of birth` is no date and `country of birth` no birth. */
const PHRASES: Readonly<Record<BatchField, string>> = {
  name: `name|full name|party|party name|consignee|consignor|shipper|notify party|exporter|importer|applicant|owner|buyer|seller|end user|company|company name|carrier|broker|agent|
nom|nom complet|nom et prenoms|destinataire|expediteur|exportateur|importateur|demandeur|proprietaire|acheteur|vendeur|utilisateur final|societe|raison sociale|transporteur|
nombre|nombre completo|nombre y apellidos|destinatario|consignatario|remitente|exportador|importador|solicitante|propietario|comprador|vendedor|usuario final|empresa|razon social|transportista|
nome|nome completo|remetente|requerente|proprietario|utilizador final|usuario final|razao social|transportador|
الاسم|اسم|الاسم الكامل|المرسل اليه|المرسل|المصدر|المستورد|مقدم الطلب|المالك|المشتري|البائع|المستخدم النهائي|الشركة|اسم الشركة|الناقل`,
  vessel: `vessel|vessel name|name of vessel|ship|ship name|name of ship|navire|nom du navire|buque|nombre del buque|navio|nome do navio|السفينة|اسم السفينة`,
  'given-name': `given name|given names|first name|first names|forename|forenames|prenom|prenoms|nombres|nombre de pila|nome proprio|primeiro nome|الاسم الاول|الاسم الشخصي`,
  'family-name': `family name|last name|surname|nom de famille|apellido|apellidos|apelido|sobrenome|اللقب|اسم العائلة|الاسم العائلي`,
  subject: `type|subject|subject type|party type|person or company|kind|type de sujet|type de partie|nature|tipo|tipo de sujeto|tipo de parte|tipo de sujeito|النوع|نوع الطرف|نوع`,
  born: `born|birth|date of birth|dob|birth date|birthdate|year of birth|ne le|nee le|date de naissance|naissance|annee de naissance|ddn|fecha de nacimiento|nacimiento|ano de nacimiento|nacido|data de nascimento|nascimento|data nasc|تاريخ الميلاد|تاريخ الولادة|الميلاد|سنة الميلاد`,
  country: `country|nationality|citizenship|country code|country of origin|flag|pays|nationalite|pays d origine|pavillon|pais|nacionalidad|pais de origen|bandera|nacionalidade|pais de origem|bandeira|البلد|الدولة|الجنسية|بلد المنشا|العلم`,
  serial: `serial|serial number|serial no|serial nr|sn|s n|weapon serial|serie|numero de serie|no de serie|n de serie|num serie|numero de matricula|الرقم التسلسلي|رقم السلاح|رقم متسلسل|رقم تسلسلي`,
  maker: `maker|manufacturer|make|brand|producer|fabricant|marque|fabricante|marca|الصانع|الشركة المصنعة|الصنع|العلامة`,
  model: `model|modele|modelo|الطراز|موديل|النموذج`,
  calibre: `calibre|caliber|cal|العيار|عيار`,
  imo: `imo|imo number|imo no|imo nr|numero imo|no imo|n imo|numero omi|no omi|omi|رقم المنظمة البحرية|رقم المنظمة البحرية الدولية|رقم imo`,
  mmsi: `mmsi|mmsi number|numero mmsi|no mmsi|رقم mmsi|هوية الخدمة البحرية المتنقلة`,
  'call-sign': `call sign|callsign|radio call sign|indicatif|indicatif d appel|indicatif radio|distintivo de llamada|distintivo|indicativo|indicativo de chamada|رمز النداء|اشارة النداء`,
  mark: `aircraft registration|registration mark|tail number|aircraft mark|aircraft|immatriculation|immatriculation de l aeronef|aeronef|matricula de aeronave|aeronave|matricula da aeronave|تسجيل الطائرة|الطائرة|رقم تسجيل الطائرة`,
  container: `container|container number|container no|container nr|equipment number|conteneur|numero de conteneur|no conteneur|n conteneur|contenedor|numero de contenedor|contentor|numero do contentor|conteiner|numero do conteiner|الحاوية|رقم الحاوية|حاوية`,
  certificate: `certificate|certificate number|certificate no|euc|euc number|end user certificate|licence|license|licence number|license number|permit|permit number|certificat|numero de certificat|no certificat|certificat d utilisateur final|cuf|certificado|numero de certificado|certificado de usuario final|numero do certificado|certificado de utilizador final|licencia|licenca|شهادة|رقم الشهادة|شهادة المستخدم النهائي|الترخيص|رقم الترخيص`,
  'bill-of-lading': `bill of lading|b l|bl|bl number|bl no|bill of lading number|connaissement|numero de connaissement|no connaissement|conocimiento de embarque|conocimiento|conhecimento de embarque|conhecimento|بوليصة الشحن|رقم بوليصة الشحن|سند الشحن`,
  awb: `awb|air waybill|air waybill number|awb number|awb no|mawb|hawb|lta|lettre de transport aerien|guia aerea|carta de porte aereo|carta de porte aerea|conhecimento aereo|بوليصة الشحن الجوي|رقم بوليصة الشحن الجوي`,
  lei: `lei|lei code|legal entity identifier|identifiant d entite juridique|identificador de entidad juridica|identificador de entidade juridica|معرف الكيان القانوني`,
  passport: `passport|passport number|passport no|travel document|passeport|numero de passeport|no passeport|pasaporte|numero de pasaporte|passaporte|numero do passaporte|جواز السفر|رقم جواز السفر|جواز`,
  reference: `reference|reference number|ref|ref no|our ref|declaration|declaration number|declaration no|mrn|file number|case number|case|id|line|numero de declaration|dossier|numero de dossier|referencia|numero de declaracion|declaracion|expediente|referencia interna|numero da declaracao|declaracao|processo|المرجع|رقم المرجع|رقم البيان|رقم الملف|البيان|رقم القضية`,
};

/** Lower case, without accents, vowel marks and punctuation; forms of alef, ya and ta marbuta made one where writers mix them. */
export const foldHeader = (text: string): string =>
  text
    .normalize('NFKD')
    .replaceAll(/\p{M}|ـ/gu, '')
    .replaceAll(/[أإآٱ]/g, 'ا')
    .replaceAll('ى', 'ي')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();

const FIELD_BY_PHRASE: ReadonlyMap<string, BatchField> = new Map(
  (Object.entries(PHRASES) as [BatchField, string][]).flatMap(([field, phrases]) =>
    phrases.split('|').map((phrase) => [foldHeader(phrase), field] as const),
  ),
);

/** Words in the longest phrase above. */
const MOST_WORDS = 6;

/** Field that a header names, and whether it says nothing else; undefined where it names none. */
export function fieldOfHeader(
  header: string,
): { readonly field: BatchField; readonly whole: boolean } | undefined {
  // A header of a thousand words is none.
  const words = foldHeader(header.slice(0, 200)).split(' ').slice(0, 20);
  for (let length = Math.min(MOST_WORDS, words.length); length > 0; length -= 1)
    for (let at = 0; at + length <= words.length; at += 1) {
      const field = FIELD_BY_PHRASE.get(words.slice(at, at + length).join(' '));
      if (field !== undefined) return { field, whole: length === words.length };
    }
  return undefined;
}
