/** A period of whole days, as an auditor names it: both days count. */
import { useState } from 'react';
import { useText } from '../../text/index.ts';

export interface Period {
  /** `2031-03-01`, of this machine's zone. */
  readonly first: string;
  readonly last: string;
}

const DAY_MS = 86_400_000;
const DAYS = 30;

const dateOf = (ms: number): string => {
  const date = new Date(ms);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
};

/** The last thirty days, today included. */
export const useMonth = () =>
  useState<Period>(() => ({ first: dateOf(Date.now() - (DAYS - 1) * DAY_MS), last: dateOf(Date.now()) }));

/** As the node is asked: from the first instant of the first day to that after the last. */
export function dayOf({ first, last }: Period): { readonly from: string; readonly until: string } {
  const end = new Date(`${last}T00:00`);
  end.setDate(end.getDate() + 1);
  return { from: String(new Date(`${first}T00:00`).getTime()), until: String(end.getTime()) };
}

export function PeriodFields({
  period,
  change,
}: {
  readonly period: Period;
  readonly change: (period: Period) => void;
}) {
  const say = useText();
  return (
    <>
      <label className="stack">
        <span>{say('oversight.first')}</span>
        <input
          className="input"
          type="date"
          required
          max={period.last}
          value={period.first}
          onChange={(event) => change({ ...period, first: event.target.value })}
        />
      </label>
      <label className="stack">
        <span>{say('oversight.last')}</span>
        <input
          className="input"
          type="date"
          required
          min={period.first}
          value={period.last}
          onChange={(event) => change({ ...period, last: event.target.value })}
        />
      </label>
    </>
  );
}
