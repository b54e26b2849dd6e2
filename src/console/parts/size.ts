/** Sizes of files as people of the locale write them. */
import { useLanguage } from '../text/index.ts';
import { localeOf } from './time.tsx';

const UNITS = [
  ['megabyte', 1_000_000],
  ['kilobyte', 1_000],
  ['byte', 1],
] as const;

/** `1.4 MB`, `312 kB`, `18 byte`. */
export function useSize(): (bytes: number) => string {
  const language = useLanguage();
  return (bytes) => {
    const [unit, size] = UNITS.find(([, least]) => bytes >= least) ?? UNITS[2];
    return new Intl.NumberFormat(localeOf(language), {
      style: 'unit',
      unit,
      maximumFractionDigits: unit === 'megabyte' ? 1 : 0,
    }).format(bytes / size);
  };
}
