/** Instants as people of the locale write them, with their zone; how long ago, kept current. */
import { useEffect, useState } from 'react';
import { useLanguage, useText } from '../text/index.ts';

/** Milliseconds UTC of a wire value; 0 for none. */
export const msOf = (text: string | number | undefined): number => Number(text ?? 0);

/** Digits stay Western in Arabic too: serials and dates stand beside each other. */
export const localeOf = (language: string): string => (language === 'ar' ? 'ar-u-nu-latn' : language);

/** `12 Mar 2031, 10:30 UTC+1`. */
export function useInstant(): (ms: number) => string {
  const language = useLanguage();
  return (ms) =>
    new Intl.DateTimeFormat(localeOf(language), {
      day: 'numeric',
      month: 'short',
      year: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      timeZoneName: 'short',
    }).format(ms);
}

export function useDay(): (ms: number) => string {
  const language = useLanguage();
  return (ms) =>
    new Intl.DateTimeFormat(localeOf(language), { day: 'numeric', month: 'short', year: 'numeric' }).format(
      ms,
    );
}

export function useNumber(): (value: number) => string {
  const language = useLanguage();
  return (value) => new Intl.NumberFormat(localeOf(language)).format(value);
}

/** `one, two and three`. */
export function useList(): (parts: readonly string[]) => string {
  const language = useLanguage();
  return (parts) => new Intl.ListFormat(localeOf(language)).format(parts);
}

const STEPS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
];

/** `5 minutes ago`, `in 2 hours`. */
export function useAgo(): (ms: number, nowMs: number) => string {
  const language = useLanguage();
  const say = useText();
  return (ms, nowMs) => {
    const distance = ms - nowMs;
    const format = new Intl.RelativeTimeFormat(localeOf(language), { numeric: 'auto', style: 'short' });
    for (const [unit, size] of STEPS)
      if (Math.abs(distance) >= size) return format.format(Math.trunc(distance / size), unit);
    return say('time.now');
  };
}

/** Now, on the half minute. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 30_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

/** How long ago, with the instant as its title. */
export function Ago({ ms }: { readonly ms: number }) {
  const ago = useAgo();
  const instant = useInstant();
  const now = useNow();
  if (ms === 0) return null;
  return (
    <time dateTime={new Date(ms).toISOString()} title={instant(ms)}>
      {ago(ms, now)}
    </time>
  );
}

export function Instant({ ms }: { readonly ms: number }) {
  const instant = useInstant();
  if (ms === 0) return null;
  return <time dateTime={new Date(ms).toISOString()}>{instant(ms)}</time>;
}
