/** Lists by others, read as data and handed to the life cycle as drafts; warnings in the form that others read. */
export { type CapReference, type CapWarning, capMessage } from './cap.ts';
export { InteropError, type InteropErrorCode } from './errors.ts';
export { LIST_FORMATS, type ListFormatName, listImporters } from './formats.ts';
export {
  type ListFormat,
  type ListImport,
  type ListImporter,
  type ListImportResult,
  type Reading,
  type ReadList,
  type ReadOptions,
  readAtOnce,
} from './list.ts';
export { importUnList, readUnList } from './un-list.ts';
