/** What forms are made of; forms.json is generated from the table of kinds (proto/forms.js). */
import data from './forms.json' with { type: 'json' };

export interface FieldForm {
  readonly name: string;
  readonly type: 'text' | 'bool' | 'bytes' | 'whole' | 'number' | 'instant' | 'date' | 'enum' | 'message';
  /** Message or enum. */
  readonly of?: string;
  readonly many?: true;
  readonly must?: true;
  /** Of fields with the same name here one is given. */
  readonly oneof?: string;
  /** From the proto file, in English. */
  readonly hint: string;
}

export interface FacetForm {
  readonly name: string;
  readonly class: string;
  /** Days after release when the facet goes although the record stays. */
  readonly keepDays?: number;
  readonly of: string;
}

export interface KindForm {
  readonly code: string;
  /** Number of tocsin.record.v1.Priority. */
  readonly priority: number;
  /** Days: the default, and the most that is permitted. */
  readonly retention: { readonly reviewEveryDays: number; readonly expireAfterDays: number };
  readonly marking: JsonObject;
  readonly facets: readonly FacetForm[];
}

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

const forms = data as unknown as {
  readonly kinds: readonly KindForm[];
  readonly messages: Readonly<Record<string, readonly FieldForm[]>>;
  readonly enums: Readonly<Record<string, readonly string[]>>;
};

export const KINDS = forms.kinds;
export const kindForm = (code: string): KindForm | undefined => KINDS.find((kind) => kind.code === code);
export const fieldsOf = (message: string): readonly FieldForm[] => forms.messages[message] ?? [];
export const codesOf = (name: string): readonly string[] => forms.enums[name] ?? [];

export const PRIORITIES = [
  'PRIORITY_ROUTINE',
  'PRIORITY_PRIORITY',
  'PRIORITY_IMMEDIATE',
  'PRIORITY_FLASH',
] as const;
export const priorityName = (number: number): string => PRIORITIES[number - 1] ?? 'PRIORITY_ROUTINE';
