/** What targets share: a federation with real keys, golden vectors. Made at first use, removed at the end of a run. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Federation, makeFederation } from '../support/authority.ts';

export class Scene implements AsyncDisposable {
  #federation: Promise<Federation> | undefined;

  /** Two states and what they have signed. */
  federation(): Promise<Federation> {
    this.#federation ??= makeFederation({ nodes: [{ node: 'XA' }, { node: 'XB' }] });
    return this.#federation;
  }

  /** A golden vector as it stands in test/vectors. */
  vector<Shape>(name: string): Shape {
    return JSON.parse(readFileSync(join(import.meta.dirname, '../vectors', `${name}.json`), 'utf8')) as Shape;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.#federation)?.[Symbol.asyncDispose]();
  }
}
