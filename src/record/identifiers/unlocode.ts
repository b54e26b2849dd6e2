/** UN/LOCODE: codes of ports and other places of trade, and the coordinates that its lists carry. */
import { bad, good, type IdentifierCheck } from './check.ts';
import { judgeCountry } from './country.ts';

/** Judges a code's form. Older editions pad with spaces and put one after the country: both are taken off. */
export function judgeUnlocode(text: string): IdentifierCheck {
  const value = text
    .trim()
    .toUpperCase()
    .replace(/^([A-Z]{2})\s+/, '$1');
  if (value.length !== 5) return bad(value, 'length', `expected five characters, got ${value.length}`);
  if (!/^[A-Z]{2}[A-Z2-9]{3}$/.test(value))
    return bad(value, 'format', 'expected a country and three letters or digits from 2');
  const country = judgeCountry(value.slice(0, 2));
  return country.ok ? good(value) : bad(value, 'component', country.detail);
}

const COORDINATES = /^([0-9]{2})([0-9]{2})([NS])\s+([0-9]{3})([0-9]{2})([EW])$/;

/** Degrees of `DDMM[NS] DDDMM[EW]`; undefined where minutes or degrees cannot be, as in 76 entries of an older edition. */
export function parseLocodeCoordinates(
  text: string,
): { readonly latitude: number; readonly longitude: number } | undefined {
  const [, latDegrees, latMinutes, northing, lonDegrees, lonMinutes, easting] =
    COORDINATES.exec(text.trim().toUpperCase()) ?? [];
  if (Number(latMinutes) > 59 || Number(lonMinutes) > 59) return undefined;
  const latitude = (Number(latDegrees) + Number(latMinutes) / 60) * (northing === 'S' ? -1 : 1);
  const longitude = (Number(lonDegrees) + Number(lonMinutes) / 60) * (easting === 'W' ? -1 : 1);
  if (!(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180)) return undefined;
  return { latitude, longitude };
}
