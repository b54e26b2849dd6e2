/** Files that a user names, read whole; what is wrong with one is said with its name. */
import { readFileSync, statSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { CliError } from './failure.ts';

const WHY: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EACCES: 'no permission to read it',
  EISDIR: 'expected a file, found a folder',
  ENOTDIR: 'a part of the path is no folder',
};

function unreadable(path: string, cause: unknown): CliError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return new CliError('FILE_NOT_FOUND', `${path}: ${WHY[code] ?? `cannot be read (${code})`}`, { cause });
}

/** Throws FILE_NOT_FOUND, naming the file. */
export function readInput(path: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(path));
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

/** Bytes of a file that is to be streamed. Throws FILE_NOT_FOUND, naming it. */
export function sizeOfInput(path: string): number {
  try {
    const stats = statSync(path);
    if (stats.isFile()) return stats.size;
  } catch (cause) {
    throw unreadable(path, cause);
  }
  throw new CliError('FILE_NOT_FOUND', `${path}: ${WHY.EISDIR}`);
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

/** The same, of standard input where the path is `-`. */
export const readWords = (path: string): Promise<string> =>
  path === '-' ? text(process.stdin) : Promise.resolve(readInputText(path));
