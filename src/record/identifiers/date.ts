/** Dates as precise as they are known. Precision is never invented. */
import type { PartialDate } from '../../gen/tocsin/record/v1/date.ts';

const FORM = /^(?:(circa|c\.|ca\.?|~)\s*)?(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/i;

/** `1971`, `1971-03`, `1971-03-02`, each also with `circa`; undefined for anything else or a day that no calendar has. */
export function parsePartialDate(text: string): PartialDate | undefined {
  const [, circa, year, month, day] = FORM.exec(text.trim()) ?? [];
  if (year === undefined) return undefined;
  const date = {
    year: Number(year),
    month: Number(month ?? 0),
    day: Number(day ?? 0),
    approximate: circa !== undefined,
  };
  if (month !== undefined && date.month === 0) return undefined;
  if (day !== undefined && date.day === 0) return undefined;
  return isCalendarDate(date) ? date : undefined;
}

/** The form that parsePartialDate reads. */
export function formatPartialDate(date: PartialDate): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const month = date.month > 0 ? `-${two(date.month)}` : '';
  const day = date.day > 0 ? `-${two(date.day)}` : '';
  return `${date.approximate ? 'circa ' : ''}${String(date.year).padStart(4, '0')}${month}${day}`;
}

/** Whether year, month and day can be a date: a day needs a month, and the calendar must have it. */
export function isCalendarDate(date: PartialDate): boolean {
  const { year, month, day } = date;
  if (year < 1 || year > 9999 || month > 12 || day > 31 || (day > 0 && month === 0)) return false;
  return day === 0 || day <= new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
}

/** First and last instant that the date can mean, in UTC milliseconds. */
export function rangeOfDate(date: PartialDate): { readonly fromMs: number; readonly toMs: number } {
  const { year, month, day } = date;
  const fromMs = Date.UTC(year, Math.max(month, 1) - 1, Math.max(day, 1));
  const end =
    day > 0
      ? Date.UTC(year, month - 1, day + 1)
      : month > 0
        ? Date.UTC(year, month, 1)
        : Date.UTC(year + 1, 0, 1);
  return { fromMs, toMs: end - 1 };
}
