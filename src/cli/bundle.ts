/** Evidence bundles as folders: received from a desk, written, found and read again. */
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { LIMITS } from '../base/limits.ts';
import type { Desk } from '../desk/index.ts';
import { CliError } from './failure.ts';

/** Files of a bundle by their path inside it, with forward slashes. */
export type Bundle = ReadonlyMap<string, Uint8Array>;

const MAX_FILES = 500;

export async function receiveBundle(desk: Desk, headerDigest: Uint8Array): Promise<Bundle> {
  const pieces = new Map<string, Uint8Array[]>();
  for await (const { path, data } of desk.records.exportEvidence({ headerDigest }))
    pieces.set(path, [...(pieces.get(path) ?? []), data]);
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
  if (statSync(path).size > LIMITS.messageBytes)
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

/** The files of one bundle, bounded. */
export function readBundle(dir: string): Bundle {
  const files = new Map<string, Uint8Array>();
  for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    if (statSync(path).size > LIMITS.messageBytes || files.size >= MAX_FILES)
      throw new CliError('FILE_INVALID', `${path}: larger than any file of a bundle, or too many files`);
    files.set(relative(dir, path).split(sep).join('/'), new Uint8Array(readFileSync(path)));
  }
  return files;
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
