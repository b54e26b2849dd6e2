/** Lists by others, read as data and handed to the life cycle as drafts. */
export { InteropError, type InteropErrorCode } from './errors.ts';
export {
  importUnList,
  type ListImporter,
  readUnList,
  type UnList,
  type UnListImport,
  type UnListOptions,
  type UnListResult,
} from './un-list.ts';
