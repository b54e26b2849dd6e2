/** Names of fields and of codes in a record, in the language of the page; a new field is readable before it is translated. */
import { sayOr } from '../../text/index.ts';

/** `declaredCargo` → `Declared cargo`. */
const spelled = (name: string): string => {
  const words = name.replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
};

export const fieldText = (name: string): string => sayOr(`field.${name}`, spelled(name));

/** Codes of enums are upper case with underscores. */
const CODE = /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$/;

export function valueText(value: string): string | undefined {
  if (!CODE.test(value)) return undefined;
  const words = value.split('_');
  // Without a text of its own a code is read without the name of its enum, as far as that can be told.
  const short = words
    .slice(Math.min(2, words.length - 1))
    .join(' ')
    .toLowerCase();
  return sayOr(`code.${value}`, short.charAt(0).toUpperCase() + short.slice(1));
}

const INSTANTS =
  /^(at|from|until|since|discovered|seized|occurred|effective|expires|departed|arrived|received|issued|onset|due|notBefore|observed|reported|validFrom|validTo|decidedAt|lostAt|checkedAt)$|(At|On|From|Until|By)$/;

export const isInstant = (name: string, value: string): boolean =>
  INSTANTS.test(name) && /^\d{12,14}$/.test(value);

/** `facets.items.weapons[3].quantity` → `Weapons and items › Weapons › 4 › Quantity`, as the form calls them. */
export function pathText(path: string): string {
  const steps = path.split('.').flatMap((part) => part.split(/[[\]]/).filter((one) => one !== ''));
  const [first, ...rest] = steps;
  if (first === undefined) return '–';
  const named =
    first === 'facets' && rest[0] !== undefined
      ? [sayOr(`facet.${rest[0]}`, rest[0]), ...rest.slice(1)]
      : [fieldText(first), ...rest];
  return named
    .map((step, at) => (at === 0 ? step : /^\d+$/.test(step) ? String(Number(step) + 1) : fieldText(step)))
    .join(' › ');
}
