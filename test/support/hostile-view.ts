/** What a node refused and what it took, read from outside while it runs: its store, read-only, and its log. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { hex } from '../../src/base/bytes.ts';
import { nodeDir } from '../../src/cli/demo/federation.ts';
import { reasonName } from '../../src/record/index.ts';
import { eventually as eventuallyWithin, type TestFederation } from './federation.ts';

/** Far above what a parcel takes. */
const PATIENCE_MS = 20_000;

const eventually = <Value>(what: string, look: () => Value | undefined): Promise<Value> =>
  eventuallyWithin(what, look, PATIENCE_MS);

export interface SeenRefusal {
  readonly sender: string;
  /** As `REPLAY`. */
  readonly reason: string;
  /** Hexadecimal; empty where the refused thing proved nothing of its origin. */
  readonly digest: string;
}

export class NodeView {
  readonly id: string;
  readonly #federation: TestFederation;

  constructor(federation: TestFederation, id: string) {
    this.#federation = federation;
    this.id = id;
  }

  get storePath(): string {
    return join(nodeDir(this.#federation.federation, this.id), 'store.sqlite');
  }

  /** Rows of a query, read from the store beside the running node. */
  rows(sql: string, ...values: (string | number | Uint8Array)[]): readonly Record<string, unknown>[] {
    using database = new DatabaseSync(this.storePath, { readOnly: true, timeout: 5_000 });
    return database.prepare(sql).all(...values);
  }

  /** Refused parcels and items, oldest first. */
  refusals(): readonly SeenRefusal[] {
    return this.rows('SELECT sender, reason, digest FROM refusal ORDER BY id').map((row) => ({
      sender: String(row.sender),
      reason: reasonName(Number(row.reason)),
      digest: row.digest instanceof Uint8Array ? hex(row.digest) : '',
    }));
  }

  /** Header digests in the inbox, in hexadecimal, in order of arrival. */
  inbox(): readonly string[] {
    return this.rows('SELECT header_digest FROM inbox_item ORDER BY position').map(({ header_digest }) =>
      header_digest instanceof Uint8Array ? hex(header_digest) : '',
    );
  }

  alarms(code: string): readonly { readonly subject: string; readonly evidence: Uint8Array }[] {
    return this.rows('SELECT subject, evidence FROM alarm WHERE code = ?', code).map((row) => ({
      subject: String(row.subject),
      evidence: row.evidence instanceof Uint8Array ? row.evidence : new Uint8Array(0),
    }));
  }

  /** Header digests of what was put aside, with the reason. */
  quarantined(): readonly string[] {
    return this.rows('SELECT header_digest, reason FROM quarantine ORDER BY id').map(
      ({ header_digest, reason }) =>
        `${header_digest instanceof Uint8Array ? hex(header_digest) : ''} ${reasonName(Number(reason))}`,
    );
  }

  /** Reasons in the node's log lines `refused`: handshakes, frames and rosters leave their trace only there. */
  logged(): readonly string[] {
    return this.#federation
      .log(this.id)
      .split('\n')
      .flatMap((line) => {
        if (!line.includes('"msg":"refused"')) return [];
        const { sender, reason } = JSON.parse(line) as { sender: string; reason: string };
        return [`${sender} ${reason}`];
      });
  }

  /** Waits for a record to be in the inbox. */
  async received(headerDigest: Uint8Array): Promise<void> {
    const digest = hex(headerDigest);
    await eventually(
      `${this.id} receives ${digest.slice(0, 16)}`,
      () => this.inbox().includes(digest) || undefined,
    );
  }

  /**
   * Runs an attack and waits for the refusal with this reason; of other reasons there is none, and the inbox stays as it was.
   * A REPLAY beside it is a parcel of a slow partner that came twice.
   */
  async refuses(reason: string, attack: () => Promise<unknown>): Promise<SeenRefusal> {
    const [before, inbox] = [this.refusals().length, this.inbox().length];
    await attack();
    const refusal = await eventually(`${this.id} refuses as ${reason}`, () => {
      const fresh = this.refusals().slice(before);
      const other = fresh.find((one) => one.reason !== reason && one.reason !== 'REPLAY');
      if (other) throw new Error(`expected ${reason}, got ${other.reason}`);
      return fresh.find((one) => one.reason === reason);
    });
    if (this.inbox().length !== inbox) throw new Error('something of a refused parcel is in the inbox');
    return refusal;
  }

  /** Waits for the refusal that an attack leaves in the log: `SENDER REASON`. */
  async logs(refusal: string, attack: () => unknown): Promise<void> {
    const before = this.logged().length;
    await attack();
    await eventually(
      `${this.id} logs ${refusal}`,
      () => this.logged().slice(before).includes(refusal) || undefined,
    );
  }
}
