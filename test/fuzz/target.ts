/** What is fuzzed: one parser that meets a stranger's bytes, real messages for it, and what it makes of an input. */
import type { DescMessage } from '@bufbuild/protobuf';
import type { Verdict } from '../../src/base/verdict.ts';
import type { Reason } from '../../src/gen/tocsin/record/v1/reason.ts';
import { reasonName } from '../../src/record/index.ts';
import type { Dice } from './dice.ts';
import type { Mutator } from './mutate/bytes.ts';
import type { Scene } from './scene.ts';

export type Outcome =
  | {
      readonly kind: 'accepted';
      /** What was read; two readings of one input have to be alike. */
      readonly value: unknown;
      /** The same, written again: has to be accepted with the same value. */
      readonly again?: Uint8Array | undefined;
    }
  | { readonly kind: 'refused'; readonly code: string };

/** What kind of changes reach far into a message. */
export type Form = {
  /** Bytes before the message: the label and network of signed bytes, the number of a type. They are seldom changed. */
  readonly prefix?: number;
} & (
  | { readonly kind: 'protobuf'; readonly desc: DescMessage | undefined }
  | { readonly kind: 'der' }
  /** `tokens` are words of the format. */
  | { readonly kind: 'text' | 'json'; readonly tokens?: readonly string[] }
  /** `own` are changes of the format's own: a chunk with its checksum made right, say. */
  | { readonly kind: 'bytes'; readonly own?: readonly Mutator[] }
);

export interface OpenTarget {
  readonly form: Form | ((seed: Uint8Array) => Form);
  /** Real messages: golden vectors, examples, what the code itself writes. */
  readonly seeds: readonly Uint8Array[];
  /** A message out of the schema, where there is one. */
  readonly generate?: (dice: Dice) => Uint8Array;
  /** Refuses by an Outcome, a verdict or a typed error of the project; anything else that it throws is a finding. */
  readonly read: (bytes: Uint8Array) => Outcome | Promise<Outcome>;
  /** What is wrong with a node after many inputs; undefined where it answers as before and, at the `end`, its store is whole. */
  readonly examine?: (end: boolean) => Promise<string | undefined>;
  /** Ends what was started for it. */
  readonly close?: () => Promise<void>;
}

export interface Target {
  readonly name: string;
  /** Whose bytes, and the function that reads them. */
  readonly reads: string;
  readonly open: (scene: Scene) => OpenTarget | Promise<OpenTarget>;
  /** Bears any input: nothing is refused. */
  readonly total?: boolean;
  /** Keeps state from one input to the next: the same one twice need not be answered alike. */
  readonly stateful?: boolean;
  /** Inputs of a short run, where one takes longer than usual. */
  readonly quick?: number;
  /** Milliseconds that one input may take, and what each KiB adds; signatures and keys are made in some. */
  readonly timeMs?: number;
  readonly timeMsPerKiB?: number;
}

export const accepted = (value: unknown, again?: Uint8Array): Outcome => ({ kind: 'accepted', value, again });
export const refused = (code: string): Outcome => ({ kind: 'refused', code });

/** A verdict as an outcome; `read` makes what is compared of its value. */
export function outcomeOf<Value>(
  verdict: Verdict<Value, Reason>,
  read: (value: Value) => Outcome = (value) => accepted(value),
): Outcome {
  return verdict.ok ? read(verdict.value) : refused(reasonName(verdict.reason));
}
