/** How a verb is tied to the command line: options that several verbs share, and loading of its code when it is called. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { CliError } from './failure.ts';
import { createOutput, type Output } from './print.ts';

/** A verb's implementation: positional arguments, options, where to print. */
export type Verb<Options> = (args: readonly string[], options: Options, output: Output) => Promise<void>;

/** An option that may be given several times. */
export const list = (value: string, before: readonly string[] = []): string[] => [...before, value];

export function wholeNumber(value: string): number {
  const number = Number(value);
  if (!/^\d+$/.test(value) || !Number.isSafeInteger(number))
    throw new InvalidArgumentError('expected a whole number.');
  return number;
}

/** For options that count days. */
export function days(value: string): number {
  const number = wholeNumber(value);
  if (number < 1 || number > 3650) throw new InvalidArgumentError('expected 1 to 3650 days.');
  return number;
}

/** `30d` or `30`. */
export const lasting = (value: string): number => days(value.replace(/d$/, ''));

/** Names with commas or spaces between them. */
export function names(value: string, before: readonly string[] = []): string[] {
  const found = value.split(/[,\s]+/).filter((one) => one !== '');
  if (found.length === 0) throw new InvalidArgumentError('expected names with commas between them.');
  return [...before, ...found];
}

export function port(value: string): number {
  const number = wholeNumber(value);
  if (number > 65_535) throw new InvalidArgumentError('expected a port, 0 to 65535.');
  return number;
}

function digest(value: string): string {
  const text = value.replaceAll(/[\s:-]/g, '').toLowerCase();
  if (!/^[0-9a-f]{64}$/.test(text))
    throw new InvalidArgumentError('expected 64 hexadecimal digits (spaces and colons do not matter).');
  return text;
}

/** Ties a commander command to a verb that is loaded only when it is called. */
export function runs<Options>(command: Command, load: () => Promise<Verb<Options>>): void {
  command.action(async (...given: unknown[]) => {
    const args = given
      .slice(0, -2)
      .flatMap((one) => (Array.isArray(one) ? (one as string[]) : one === undefined ? [] : [String(one)]));
    const options = command.optsWithGlobals<
      Options & { json?: boolean; exercise?: boolean; officer?: string }
    >();
    const exercise = options.exercise === true;
    if (exercise && options.officer === undefined)
      throw new CliError('USAGE', '--exercise is for commands at a desk, which take --officer');
    const verb = await load();
    await verb(args, options, createOutput({ json: options.json === true, exercise }));
  });
}

export const officer = () =>
  new Option('--officer <dir>', "the officer's folder, as `officer issue` made it")
    .env('TOCSIN_OFFICER')
    .makeOptionMandatory();
export const nodeDir = () =>
  new Option('--dir <dir>', "the node's folder").env('TOCSIN_NODE').makeOptionMandatory();
/** An option that takes a digest as people read it out. */
export const digestOption = (flags: string, description: string): Option =>
  new Option(flags, description).argParser(digest);
export const networkDigest = () =>
  new Option('--network-digest <hex>', 'SHA-256 of roster version 1, got out of band and compared by voice')
    .argParser(digest)
    .makeOptionMandatory();
