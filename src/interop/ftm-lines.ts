/** FollowTheMoney entities, one JSON object a line: bounded in length, depth and shape, every property a list of texts. */
import { LIMITS } from '../base/limits.ts';
import { textOfFile } from './csv.ts';
import { refuse } from './errors.ts';

const MAX_LINE = 1024 * 1024;
/** Lines of one file: for each party some dozen others speak of its addresses, papers and sanctions. */
const MAX_LINES = LIMITS.importEntries * 20;

export interface FtmEntity {
  readonly id: string;
  readonly schema: string;
  readonly caption: string;
  readonly datasets: readonly string[];
  readonly target: boolean;
  readonly properties: ReadonlyMap<string, readonly string[]>;
  /** Of the file, from 1. */
  readonly line: number;
}

export interface FtmFile {
  readonly entities: readonly FtmEntity[];
  readonly lines: number;
}

/** Reads a file of lines. Throws InteropError TOO_LARGE, NOT_UTF8, LIST_INVALID, JSON_MALFORMED (also for a cut last line). */
export function readFtmLines(bytes: Uint8Array): FtmFile {
  const text = textOfFile(bytes);
  if (text !== '' && !text.endsWith('\n'))
    throw refuse(
      'JSON_MALFORMED',
      'expected a line end behind the last entity, got none; is the file complete?',
    );
  const entities: FtmEntity[] = [];
  let lines = 0;
  let number = 0;
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf('\n', at);
    const line = text.slice(at, end).trim();
    at = end + 1;
    number += 1;
    if (line === '') continue;
    lines += 1;
    if (lines > MAX_LINES) throw refuse('LIST_INVALID', `expected at most ${MAX_LINES} lines, got more`);
    entities.push(entityOf(line, number));
  }
  return { entities, lines };
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const areTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string');

function entityOf(text: string, line: number): FtmEntity {
  const wrong = (expected: string) =>
    refuse('JSON_MALFORMED', `expected ${expected} in line ${line}`, { facts: { line } });
  if (text.length > MAX_LINE) throw wrong(`at most ${MAX_LINE} characters`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw wrong('one JSON object');
  }
  if (!isObject(value)) throw wrong('one JSON object');
  const { id, schema, caption, datasets, target, properties } = value;
  if (typeof id !== 'string' || typeof schema !== 'string') throw wrong('an entity with id and schema');
  if (!isObject(properties)) throw wrong('an entity with properties');
  const lists = new Map<string, readonly string[]>();
  for (const [name, list] of Object.entries(properties)) {
    if (!areTexts(list)) throw wrong('properties that are lists of texts, as entities.ftm.json has them,');
    lists.set(name, list);
  }
  return {
    id,
    schema,
    caption: typeof caption === 'string' ? caption : '',
    datasets: areTexts(datasets) ? datasets : [],
    target: target === true,
    properties: lists,
    line,
  };
}
