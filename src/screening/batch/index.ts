/** Batch files: read, mapped, turned into questions, written with what came of them. Pure, and the one part that a browser loads. */
export { type ColumnGuess, guessColumns, mappingOf } from './columns.ts';
export { BATCH_FIELDS, type BatchField, type ColumnMapping, isBatchField, SCHEME_OF } from './fields.ts';
export { queryOfQuestion, type SubjectName } from './question-query.ts';
export {
  type BatchQuestion,
  batchQuestions,
} from './questions.ts';
export { assertFileSize, readTable } from './read-table.ts';
export { type BatchFinding, type ResultHeaders, resultTable } from './results.ts';
export { BATCH_LIMITS, columnLetters, type Encoding, type Table } from './table.ts';
export { parseBirthDate, parseCountry, parseSubject } from './values.ts';
export { writeCsv, writeXlsx } from './write-table.ts';
