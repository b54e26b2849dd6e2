/** Evidence bundles as folders: received from a desk, written, found and read again. */
import { mkdirSync, opendirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { LIMITS } from '../base/limits.ts';
import type { Desk } from '../desk/index.ts';
import { MISCONDUCT_BYTES } from '../ledger/index.ts';
import { CliError } from './failure.ts';

/** Files of a bundle by their path inside it, with forward slashes. */
export type Bundle = ReadonlyMap<string, Uint8Array>;

/** Folders count as well: a tree of nothing but folders would otherwise be walked without end. */
const MAX_ENTRIES = 500;
const HISTORY_FILE = 'roster-history.bin';
/** Of all files of a bundle together: the history of rosters at its largest, and as much again for everything else. */
export const BUNDLE_BYTES = 2 * LIMITS.rosterHistoryBytes;

/** A bundle as a desk gives it, bounded as those that are read. Throws REFUSED above. */
export async function receiveBundle(
  { records }: { readonly records: Pick<Desk['records'], 'exportEvidence'> },
  headerDigest: Uint8Array,
): Promise<Bundle> {
  const pieces = new Map<string, Uint8Array[]>();
  let bytes = 0;
  for await (const { path, data } of records.exportEvidence({ headerDigest })) {
    // A piece of nothing counts as well: a stream of those would otherwise be followed without end.
    bytes += Math.max(1, data.length);
    const file = pieces.get(path) ?? [];
    if (file.length === 0) pieces.set(path, file);
    file.push(data);
    if (bytes > BUNDLE_BYTES || pieces.size > MAX_ENTRIES)
      throw new CliError('REFUSED', 'the node sent more than any bundle holds');
  }
  return new Map([...pieces].map(([path, data]) => [path, new Uint8Array(Buffer.concat(data))]));
}

/** Paths inside a bundle come from the node; nothing may be written outside the folder. */
function insideOf(dir: string, path: string): string {
  const parts = path.split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..') || path.includes('\0'))
    throw new CliError('REFUSED', `the node named a file outside the bundle: ${JSON.stringify(path)}`);
  return join(dir, ...parts);
}

/** Writes a bundle into a folder that does not exist yet, or is the folder of a bundle: that one is replaced. */
export function saveBundle(dir: string, bundle: Bundle): void {
  const targets = [...bundle].map(([path, data]) => ({ path: insideOf(dir, path), data }));
  if (isFolder(dir) && readdirSync(dir).length > 0) {
    if (!isBundle(dir))
      throw new CliError(
        'FILE_INVALID',
        `${dir} holds other files: choose a new folder, or that of a bundle, which is replaced`,
      );
    rmSync(dir, { recursive: true });
  }
  for (const { path, data } of targets) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, data);
  }
}

/** A file by itself is a misconduct file; bundles are folders. */
export const isSingleFile = (path: string): boolean =>
  statSync(path, { throwIfNoEntry: false })?.isFile() === true;

/** A misconduct file, bounded. */
export function readMisconduct(path: string): Uint8Array {
  if (statSync(path).size > MISCONDUCT_BYTES)
    throw new CliError('FILE_INVALID', `${path}: larger than any misconduct file`);
  return new Uint8Array(readFileSync(path));
}

/** Writes one; what is there already is never replaced: it may be the only copy. */
export function saveMisconduct(path: string, bytes: Uint8Array): void {
  try {
    writeFileSync(path, bytes, { flag: 'wx' });
  } catch (cause) {
    throw new CliError('FILE_INVALID', `${path}: expected a path where a new file can be made`, { cause });
  }
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
const isBundle = (dir: string): boolean =>
  statSync(join(dir, 'header.bin'), { throwIfNoEntry: false })?.isFile() === true;

/** Where the files of a bundle are, by their path inside it: bounded in number and size before one is read. */
function listBundle(dir: string): ReadonlyMap<string, string> {
  const paths = new Map<string, string>();
  using folder = opendirSync(dir, { recursive: true });
  let entries = 0;
  let bytes = 0;
  for (let entry = folder.readSync(); entry; entry = folder.readSync()) {
    entries += 1;
    if (entries > MAX_ENTRIES)
      throw new CliError('FILE_INVALID', `${dir}: more than ${MAX_ENTRIES} files and folders in a bundle`);
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const inside = relative(dir, path).split(sep).join('/');
    const { size } = statSync(path);
    if (size > (inside === HISTORY_FILE ? LIMITS.rosterHistoryBytes : LIMITS.messageBytes))
      throw new CliError('FILE_INVALID', `${path}: larger than any such file of a bundle`);
    bytes += size;
    if (bytes > BUNDLE_BYTES)
      throw new CliError('FILE_INVALID', `${dir}: larger than any bundle, more than ${BUNDLE_BYTES} bytes`);
    paths.set(inside, path);
  }
  return paths;
}

/** The files of one bundle, bounded. */
export function readBundle(dir: string): Bundle {
  return new Map([...listBundle(dir)].map(([inside, path]) => [inside, new Uint8Array(readFileSync(path))]));
}

/** The path itself, where it is a bundle, or the bundles right inside it. */
export function bundlesAt(path: string): readonly string[] {
  if (!statSync(path).isDirectory())
    throw new CliError('FILE_INVALID', `${path}: expected the folder of a bundle, found a file`);
  if (isBundle(path)) return [path];
  const inner = readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && isBundle(join(path, entry.name)))
    .map((entry) => join(path, entry.name))
    .sort();
  if (inner.length === 0)
    throw new CliError(
      'FILE_INVALID',
      `${path}: no header.bin in it nor in a folder of it; expected an evidence bundle`,
    );
  return inner;
}
