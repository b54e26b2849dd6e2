/**
 * What the administrator of a node does when its store is lost, as the project's README tells: backups, putting back, restoring on an
 * emptied machine, and `node recover` where the node asks for it. No repair of anything by hand.
 */
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { sleep } from '../../src/base/async.ts';
import { nodeDir } from '../../src/cli/demo/federation.ts';
import { type Ran, tocsin } from '../support/command.ts';
import type { Seeded } from '../support/crash.ts';
import type { NodeId } from './workload.ts';
import type { FaultWorld } from './world.ts';

const STORE = 'store.sqlite';
/** How long a node that was put back may take to find out that it is behind: its partners may be away. */
const FOUND_OUT_MS = 20_000;
const LOOK_MS = 300;

export class Administrator {
  readonly #world: FaultWorld;
  readonly #vault: string;
  readonly #passphrase: string;

  constructor(world: FaultWorld) {
    this.#world = world;
    this.#vault = join(world.federation.dir, 'vault');
    mkdirSync(this.#vault, { mode: 0o700 });
    this.#passphrase = join(this.#vault, 'passphrase');
    writeFileSync(this.#passphrase, 'six words drawn at random\n', { mode: 0o600 });
  }

  /** Stops the node and copies the files of its store; starts it again. */
  async keepStore(node: NodeId): Promise<void> {
    await this.#world.signal(node, 'SIGTERM');
    this.#copy(this.#folder(node), this.#kept(node));
    this.#world.noteKept(node);
    await this.#world.restart(node);
  }

  /** Kills the node and puts the copied store in place of its own. */
  async putBack(node: NodeId): Promise<void> {
    await this.#world.kill(node);
    this.#copy(this.#kept(node), this.#folder(node));
    this.#world.noteBack(node);
    await this.#startAgain(node);
  }

  /**
   * Kills the node and cuts the end of its journal off: what the disk had flushed is gone. A cut into what was copied into the
   * database file already leaves pages of two times: no crash does that, only a disk that loses what it holds. Then fsck has to
   * find it, and the store is restored; after any other cut it must be whole.
   */
  async cutJournal(node: NodeId, random: Seeded): Promise<void> {
    await this.#world.kill(node);
    const journal = join(this.#folder(node), `${STORE}-wal`);
    const size = existsSync(journal) ? statSync(journal).size : 0;
    const at = Math.floor(random() * size);
    const isMixed = at < JOURNAL_HEAD + framesCopied(join(this.#folder(node), `${STORE}-shm`)) * FRAME;
    if (size > 0) truncateSync(journal, at);
    const ran = await this.#run(node, ['fsck', '--dir', this.#folder(node)]);
    if (ran.exitCode === 0) {
      this.#world.noteBack(node, 'all');
      return this.#startAgain(node);
    }
    const said = (ran.stdout + ran.stderr).trim();
    if (!isMixed || !/restore|backup/.test(said))
      throw new Error(`after its journal was cut, fsck of ${node} says: ${said.slice(0, 300)}`);
    this.#world.notes.push(`a journal of ${node} was cut below what was copied from it: restored`);
    await this.restore(node);
  }

  async backUp(node: NodeId): Promise<void> {
    rmSync(this.#backup(node), { force: true });
    this.#world.noteKept(node);
    await this.#do(node, ['backup', '--dir', this.#folder(node), '--to', this.#backup(node)]);
  }

  /** The machine is gone: the folder is made again out of the backup and the authority's keys, and nothing else. */
  async restore(node: NodeId): Promise<void> {
    await this.#world.kill(node);
    const authority = join(this.#vault, 'authority');
    rmSync(authority, { recursive: true, force: true });
    cpSync(join(this.#folder(node), 'authority'), authority, { recursive: true });
    rmSync(this.#folder(node), { recursive: true });
    this.#world.noteBack(node);
    await this.#do(node, [
      'restore',
      this.#backup(node),
      '--dir',
      this.#folder(node),
      '--authority',
      authority,
    ]);
    // Officers and their list are the authority's matter: it stays where it can issue more.
    cpSync(authority, join(this.#folder(node), 'authority'), { recursive: true });
    await this.#world.restart(node);
  }

  /**
   * Kills the node and changes a bit of its store, at a place that is in use. What the node says of it: it must not start, or fsck
   * must find it; then it is restored.
   */
  async flip(node: NodeId, random: Seeded): Promise<void> {
    await this.#world.signal(node, 'SIGTERM');
    const path = join(this.#folder(node), STORE);
    const bytes = readFileSync(path);
    const pages = bytes.length / PAGE;
    // The head of a page says what lies where: a bit of it is in use in every page.
    const at = (1 + Math.floor(random() * (pages - 1))) * PAGE + Math.floor(random() * HEAD);
    bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << Math.floor(random() * 8)), at);
    writeFileSync(path, bytes);
    const ran = await this.#run(node, ['fsck', '--dir', this.#folder(node)]);
    const said = ran.stdout + ran.stderr;
    if (ran.exitCode === 0) this.#world.notes.push(`a bit of ${node} at ${at} changed nothing that is kept`);
    else if (!/restore|backup/.test(said))
      throw new Error(`fsck of a damaged store does not name what to do: ${said.trim().slice(0, 300)}`);
    await this.restore(node);
  }

  /** A second copy of the folder is started while the first runs: it must refuse, and the first go on. */
  async startTwin(node: NodeId): Promise<void> {
    const twin = join(this.#world.federation.dir, 'nodes', `${node.toLowerCase()}-twin`);
    cpSync(this.#folder(node), twin, { recursive: true });
    try {
      const config = join(twin, 'node.yaml');
      const port = this.#world.federation.federation.deskPorts[node];
      const text = readFileSync(config, 'utf8');
      // Port 0 is any free one: the desk's address must not be what stops it.
      writeFileSync(config, text.replace(`:${port}`, ':0').replace(`port: ${port}`, 'port: 0'));
      const ran = await this.#run(node, ['node', 'run', '--dir', twin]);
      const said = ran.stdout + ran.stderr;
      if (!/NODE_RUNS_ELSEWHERE|STORE_IN_USE/.test(said))
        throw new Error(`a second copy of ${node} ended with ${ran.exitCode}: ${said.trim().slice(-400)}`);
    } finally {
      rmSync(twin, { recursive: true });
    }
    if (!this.#world.federation.isRunning(node))
      throw new Error(`${node} ended, where its second copy should have`);
  }

  /** Where a node says that its store is behind what partners hold, does what it names. */
  async tend(node: NodeId): Promise<boolean> {
    if (!this.#world.federation.isRunning(node)) return false;
    const { alarms } = await this.#world.ask(node, (desk) => desk.network.getNodeStatus({}));
    const behind = alarms.find(({ code }) => code === 'STORE_BEHIND');
    if (behind === undefined) return false;
    if (!behind.detail.includes('tocsin node recover'))
      throw new Error(`${node} does not name what to do: ${behind.detail}`);
    await this.#world.signal(node, 'SIGTERM');
    await this.#do(node, ['node', 'recover', '--dir', this.#folder(node)], false);
    await this.#world.restart(node);
    return true;
  }

  async #startAgain(node: NodeId): Promise<void> {
    await this.#world.restart(node);
    const until = performance.now() + FOUND_OUT_MS;
    while (performance.now() < until && !(await this.tend(node))) await sleep(LOOK_MS);
  }

  async #do(node: NodeId, args: readonly string[], secret = true): Promise<void> {
    const ran = await this.#run(node, secret ? [...args, '--passphrase-file', this.#passphrase] : args);
    if (ran.exitCode !== 0) throw new Error(`tocsin ${args[0]}: ${ran.stderr.trim().slice(0, 400)}`);
  }

  #run(node: NodeId, args: readonly string[]): Promise<Ran> {
    return tocsin(args, { env: this.#world.federation.environment(node) });
  }

  #copy(from: string, to: string): void {
    mkdirSync(to, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(to).filter(isOfStore)) rmSync(join(to, name));
    for (const name of readdirSync(from).filter(isOfStore)) cpSync(join(from, name), join(to, name));
  }

  #folder(node: NodeId): string {
    return nodeDir(this.#world.federation.federation, node);
  }

  #kept(node: NodeId): string {
    return join(this.#vault, node.toLowerCase());
  }

  #backup(node: NodeId): string {
    return join(this.#vault, `${node.toLowerCase()}.backup`);
  }
}

/** Of SQLite's file. */
const PAGE = 4_096;
/** Of its journal (the WAL format: a head, then frames of a head and a page each). */
const JOURNAL_HEAD = 32;
const FRAME = 24 + PAGE;
/** In the index of the journal, after two copies of its head: how many frames lie in the database file already. */
const COPIED_AT = 96;
const HEAD = 8;

const framesCopied = (index: string): number =>
  existsSync(index) && statSync(index).size > COPIED_AT + 4 ? readFileSync(index).readUInt32LE(COPIED_AT) : 0;

const isOfStore = (name: string): boolean => [STORE, `${STORE}-wal`, `${STORE}-shm`].includes(name);
