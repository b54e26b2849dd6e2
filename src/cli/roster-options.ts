/** Option values that name a member and something of it: `XJ@2026-12-01T00:00Z`, `XA=sac,eac`, `XA=2:XB,XC,XD`. */
import { InvalidArgumentError } from 'commander';

export interface NodeAt {
  readonly node: string;
  readonly atMs: number | undefined;
}

export interface NodeWords {
  readonly node: string;
  readonly words: readonly string[];
}

export interface WitnessLine {
  readonly node: string;
  readonly threshold: number;
  readonly witnesses: readonly string[];
}

const NODE = /^[A-Z][A-Z0-9]{1,11}$/;

function nodeIn(text: string): string {
  if (!NODE.test(text)) throw new InvalidArgumentError('expected a node id such as XA first.');
  return text;
}

/** An instant with its zone; a date alone is midnight UTC. */
export function instantOption(value: string): number {
  const ms = Date.parse(value);
  if (
    !/^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/.test(value) ||
    Number.isNaN(ms)
  )
    throw new InvalidArgumentError('expected an instant such as 2026-12-01T00:00Z.');
  return ms;
}

export function nodeAt(value: string, before: readonly NodeAt[] = []): NodeAt[] {
  const [node = '', at] = value.split('@', 2);
  return [...before, { node: nodeIn(node), atMs: at === undefined ? undefined : instantOption(at) }];
}

export function nodeWords(value: string, before: readonly NodeWords[] = []): NodeWords[] {
  const [node = '', words] = value.split('=', 2);
  if (words === undefined) throw new InvalidArgumentError('expected NODE=value,value.');
  return [...before, { node: nodeIn(node), words: words.split(',').filter((word) => word !== '') }];
}

export function witnessLine(value: string, before: readonly WitnessLine[] = []): WitnessLine[] {
  const [, node = '', threshold = '', witnesses = ''] = /^([^=]*)=(\d{1,2}):(.*)$/.exec(value) ?? [];
  if (node === '') throw new InvalidArgumentError('expected NODE=threshold:WITNESS,WITNESS.');
  return [
    ...before,
    {
      node: nodeIn(node),
      threshold: Number(threshold),
      witnesses: witnesses
        .split(',')
        .filter((one) => one !== '')
        .map(nodeIn),
    },
  ];
}

export const wholeNumbers = (value: string, before: readonly number[] = []): number[] => {
  if (!/^\d{1,9}$/.test(value)) throw new InvalidArgumentError('expected a whole number.');
  return [...before, Number(value)];
};
