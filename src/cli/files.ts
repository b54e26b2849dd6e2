/** Files that a user names, read whole; what is wrong with one is said with its name. */
import { readFileSync } from 'node:fs';
import { TocsinError } from '../base/error.ts';
import type { RosterHistory } from '../gen/tocsin/record/v1/identity.ts';
import { type MemberRequest, parseMemberRequest } from '../identity/index.ts';
import { readRosterFile } from '../node/index.ts';
import { CliError } from './failure.ts';

const WHY: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EACCES: 'no permission to read it',
  EISDIR: 'expected a file, found a folder',
  ENOTDIR: 'a part of the path is no folder',
};

/** Throws FILE_NOT_FOUND, naming the file. */
export function readInput(path: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(path));
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    throw new CliError('FILE_NOT_FOUND', `${path}: ${WHY[code] ?? `cannot be read (${code})`}`, { cause });
  }
}

/** UTF-8 text; throws FILE_NOT_FOUND or FILE_INVALID, naming the file. */
export function readInputText(path: string): string {
  const bytes = readInput(path);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new CliError('FILE_INVALID', `${path}: expected UTF-8 text`, { cause });
  }
}

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

export const readMemberRequest = (path: string): MemberRequest => {
  const text = readInputText(path);
  return naming(path, () => parseMemberRequest(text));
};
