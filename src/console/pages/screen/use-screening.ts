/**
 * One question as it is typed. The desk logs every question, so nothing is asked before one has stopped typing, nor for fewer than
 * three letters; an answer that nobody waits for any more is given up. Nothing of it is kept on the device: it is about persons.
 */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { Wire } from '../../../desk/http/contract.ts';
import type { SubjectName } from '../../../screening/batch/index.ts';
import { parseBirthDate, parseCountry } from '../../../screening/batch/values.ts';
import { call } from '../../api/client.ts';

export interface Question {
  readonly text: string;
  readonly subject: SubjectName;
  readonly born: string;
  readonly country: string;
  readonly maker: string;
  readonly calibre: string;
  readonly reference: string;
}

export const EMPTY_QUESTION: Question = {
  text: '',
  subject: 'SCREENING_SUBJECT_UNSPECIFIED',
  born: '',
  country: '',
  maker: '',
  calibre: '',
  reference: '',
};

const PAUSE_MS = 600;
const FEWEST = 3;

export const bornOf = ({ born }: Question) => parseBirthDate(born, 'unknown');
export const countryOf = ({ country }: Question) => parseCountry(country);

/** Enough is said, and what is said can be read. */
export const isAskable = (question: Question): boolean =>
  question.text.trim().length >= FEWEST &&
  (question.born.trim() === '' || bornOf(question) !== undefined) &&
  (question.country.trim() === '' || countryOf(question) !== undefined);

function queryOf(question: Question): Wire.ScreeningQuery {
  const born = bornOf(question);
  const country = countryOf(question);
  return {
    text: question.text.trim(),
    subject: question.subject,
    ...(born === undefined
      ? {}
      : {
          born: {
            year: born.year,
            month: born.month ?? 0,
            day: born.day ?? 0,
            approximate: born.approximate ?? false,
          },
        }),
    countries: country === undefined ? [] : [country],
    about: { maker: question.maker.trim(), calibre: question.calibre.trim(), country: country ?? '' },
  };
}

export const requestOf = (question: Question, keep: boolean): Wire.ScreenRequest => ({
  query: queryOf(question),
  reference: question.reference.trim(),
  keep,
});

/** `now` asks at once; the answer is that of the last question that was asked. */
export function useScreening(question: Question) {
  const [settled, setSettled] = useState(question);
  const wanted = JSON.stringify(question);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(JSON.parse(wanted) as Question), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [wanted]);
  const isAsked = isAskable(settled);
  const answer = useQuery({
    queryKey: ['screening', settled],
    queryFn: ({ signal }) => call('ScreeningService/Screen', requestOf(settled, false), signal),
    enabled: isAsked,
    // Asked once: to ask again is another question in the log.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
    placeholderData: keepPreviousData,
  });
  return {
    answer: isAsked ? answer.data : undefined,
    error: isAsked ? answer.error : null,
    settled,
    isBehind: JSON.stringify(settled) !== wanted || answer.isFetching,
    now: () => setSettled(question),
    refetch: () => void answer.refetch(),
  };
}
