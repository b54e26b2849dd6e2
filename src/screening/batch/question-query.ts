/** A question of a batch in the form of a ScreeningQuery, whose sets are named as ProtoJSON names them. */
import type { BatchQuestion } from './questions.ts';

const SUBJECTS = {
  person: 'SCREENING_SUBJECT_PERSON',
  organisation: 'SCREENING_SUBJECT_ORGANISATION',
  vessel: 'SCREENING_SUBJECT_VESSEL',
  aircraft: 'SCREENING_SUBJECT_AIRCRAFT',
} as const;

export type SubjectName = (typeof SUBJECTS)[keyof typeof SUBJECTS] | 'SCREENING_SUBJECT_UNSPECIFIED';

/** The desk's clients put the number of a subject in the place of its name where they speak protobuf. */
export function queryOfQuestion({ name, identifier, subject, born, countries, about }: BatchQuestion) {
  return {
    ...(name === undefined ? {} : { name }),
    ...(identifier === undefined ? {} : { identifier }),
    subject: subject === undefined ? ('SCREENING_SUBJECT_UNSPECIFIED' as const) : SUBJECTS[subject],
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
    countries: [...countries],
    about,
  };
}
