// What the console's forms are made of: the kinds that officers draft, with their facets, and every message and enum below them.
// From the table of kinds and the descriptors, so that a field added to a proto file is in the form.
import { createFileRegistry, fromBinary, ScalarType } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { Marking } from '../src/gen/tocsin/record/v1/marking.ts';
import { KINDS, messageToJson } from '../src/record/index.ts';
import { commentsOf } from './contract.js';

/** Records that people write; the rest is made by nodes, or by an action on a record. */
const DRAFTED = [
  'seizure-notice',
  'watchlist-entry',
  'forged-euc-alert',
  'hotline-report',
  'warning',
  'redress-request',
  'reference-table',
];
const MARKING = 'tocsin.record.v1.Marking';

const TYPES = {
  [ScalarType.STRING]: 'text',
  [ScalarType.BOOL]: 'bool',
  [ScalarType.BYTES]: 'bytes',
  [ScalarType.UINT32]: 'whole',
  [ScalarType.INT32]: 'whole',
  [ScalarType.UINT64]: 'whole',
  [ScalarType.INT64]: 'whole',
  [ScalarType.DOUBLE]: 'number',
};

const shortOf = (desc) => desc.typeName.slice(desc.typeName.lastIndexOf('.') + 1);

/** Text of `src/console/compose/forms.json`. `set` is a FileDescriptorSet with source info. */
export function formsOf(set) {
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, set));
  const comments = new Map([...registry.files].map((file) => [file.name, commentsOf(file)]));
  const messages = {};
  const enums = {};
  const add = (desc) => {
    const name = shortOf(desc);
    if (messages[name] !== undefined) return name;
    messages[name] = [];
    const at = desc.file.messages.indexOf(desc);
    for (const [index, field] of desc.fields.entries()) {
      const hint = comments.get(desc.file.name)?.get(`4.${at}.2.${index}`) ?? '';
      const isInstant = field.scalar === ScalarType.INT64 && hint.startsWith('Milliseconds UTC');
      if (field.enum)
        enums[shortOf(field.enum)] = field.enum.values
          .filter(({ number }) => number !== 0)
          .map((one) => one.name);
      messages[name].push({
        name: field.jsonName,
        type: isInstant
          ? 'instant'
          : field.message
            ? shortOf(field.message) === 'PartialDate'
              ? 'date'
              : 'message'
            : field.enum
              ? 'enum'
              : TYPES[field.scalar],
        ...(field.message && shortOf(field.message) !== 'PartialDate' ? { of: add(field.message) } : {}),
        ...(field.enum ? { of: shortOf(field.enum) } : {}),
        ...(field.fieldKind === 'list' ? { many: true } : {}),
        ...(/MUST be set|[Aa]t least one/.test(hint) ? { must: true } : {}),
        ...(field.oneof ? { oneof: field.oneof.name } : {}),
        hint,
      });
    }
    return name;
  };
  add(registry.getMessage(MARKING));
  const kinds = DRAFTED.map((code) => {
    const kind = KINDS.get(code);
    return {
      code,
      priority: kind.defaultPriority,
      retention: kind.retention,
      marking: messageToJson(MARKING, Marking.encode(kind.defaultMarking()).finish()),
      facets: kind.facets
        // Files are added to a draft, not typed; what the node keeps for itself has no form.
        .filter(({ name }) => name !== 'attachments' && name !== 'distribution')
        .map((facet) => ({
          name: facet.name,
          class: facet.class,
          ...(facet.keepDays === undefined ? {} : { keepDays: facet.keepDays }),
          of: add(registry.getMessage(facet.typeName)),
        })),
    };
  });
  return `${JSON.stringify({ kinds, messages, enums }, undefined, 1)}\n`;
}
