/** Rosters and member requests that a user names; what is wrong with one is said with its name. */
import { TocsinError } from '../base/error.ts';
import type { RosterHistory, SignedKeyStatement } from '../gen/tocsin/record/v1/identity.ts';
import { type MemberRequest, parseMemberRequest } from '../identity/index.ts';
import { readRosterFile, statementIn } from '../node/index.ts';
import { CliError } from './failure.ts';
import { readInput, readInputText } from './files.ts';

/** Puts the file's name before what a parser says of its content. */
function naming<Value>(path: string, parse: () => Value): Value {
  try {
    return parse();
  } catch (error) {
    if (error instanceof TocsinError)
      throw new CliError('FILE_INVALID', `${path}: ${error.message}`, { cause: error });
    throw error;
  }
}

export const readRoster = (path: string): RosterHistory => {
  const bytes = readInput(path);
  return naming(path, () => readRosterFile(bytes));
};

export const readStatementFile = (path: string): SignedKeyStatement =>
  statementIn(readInput(path), path, 'expected statement.bin of a node');

export const readMemberRequest = (path: string): MemberRequest => {
  const text = readInputText(path);
  return naming(path, () => parseMemberRequest(text));
};
