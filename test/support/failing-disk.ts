/** A small disk of its own (a loop device with ext4) that can turn read-only under whoever writes to it, as a failing one does. Needs root. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

const BYTES = 32 * 1024 ** 2;

export interface FailingDisk extends Disposable {
  readonly folder: string;
  /** The kernel finds the file system at fault: from now on every write fails, also to files that are open. */
  turnReadOnly(): void;
  /** As after a repair; nobody may have a file open. */
  mountAgain(): void;
}

const run = (program: string, ...args: readonly string[]): string =>
  execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

/** What is missing, in words, where this machine cannot have one. */
export function failingDisk(): FailingDisk | string {
  const dir = mkdtempSync(join(tmpdir(), 'tocsin-disk-'));
  const [image, folder] = [join(dir, 'image'), join(dir, 'mounted')];
  let isMounted = false;
  const unmount = () => {
    if (isMounted) run('umount', folder);
    isMounted = false;
  };
  const mount = () => {
    run('mount', '-o', 'loop,errors=remount-ro', image, folder);
    isMounted = true;
  };
  const dispose = () => {
    unmount();
    rmSync(dir, { recursive: true, force: true });
  };
  const trigger = () => {
    const device = basename(run('findmnt', '--noheadings', '--output', 'SOURCE', folder).trim());
    return `/sys/fs/ext4/${device}/trigger_fs_error`;
  };
  try {
    writeFileSync(image, '');
    truncateSync(image, BYTES);
    run('mkdir', folder);
    run('mkfs.ext4', '-q', image);
    mount();
    trigger();
  } catch (error) {
    dispose();
    return error instanceof Error ? (error.message.split('\n')[1] ?? error.message) : String(error);
  }
  return {
    folder,
    turnReadOnly: () => writeFileSync(trigger(), 'a test'),
    mountAgain: () => {
      unmount();
      mount();
    },
    [Symbol.dispose]: dispose,
  };
}
