/** What targets share: a federation with real keys, golden vectors. Made at first use, removed at the end of a run. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Federation, makeFederation } from '../support/authority.ts';

export class Scene implements AsyncDisposable {
  #federation: Promise<Federation> | undefined;
  readonly #shared = new Map<string, Promise<{ close(): Promise<void> }>>();

  /** Two states and what they have signed. */
  federation(): Promise<Federation> {
    this.#federation ??= makeFederation({ nodes: [{ node: 'XA' }, { node: 'XB' }] });
    return this.#federation;
  }

  /** A golden vector as it stands in test/vectors. */
  vector<Shape>(name: string): Shape {
    return JSON.parse(readFileSync(join(import.meta.dirname, '../vectors', `${name}.json`), 'utf8')) as Shape;
  }

  /** What several targets share, made by the first and closed at the end. */
  shared<Thing extends { close(): Promise<void> }>(name: string, make: () => Promise<Thing>): Promise<Thing> {
    const made = (this.#shared.get(name) as Promise<Thing> | undefined) ?? make();
    this.#shared.set(name, made);
    return made;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const thing of this.#shared.values()) await (await thing).close();
    await (await this.#federation)?.[Symbol.asyncDispose]();
  }
}
