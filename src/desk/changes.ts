/** Tells who follows a list that it may have changed: after a call that changed something, and after partners' parcels. */
import type { BoundService } from './grpc/handlers.ts';

/** Names of methods that only look, whatever they record of it. */
const LOOKS = /^(Get|List|Watch|Export|Preview|Explain|Check|Diff|Verify|Prove|Compare|Download|Test)/;

export class Changes {
  readonly #listeners = new Set<() => void>();
  readonly #looks: ReadonlySet<string>;

  constructor(services: readonly BoundService[]) {
    this.#looks = new Set(
      services.flatMap(({ service }) =>
        Object.values(service.methods)
          .filter(({ name }) => LOOKS.test(name))
          .map(({ name }) => `/${service.fullName}/${name}`),
      ),
    );
  }

  /** `method` is about to be answered. */
  after(method: string): void {
    if (!this.#looks.has(method)) this.tell();
  }

  tell(): void {
    for (const listener of this.#listeners) listener();
  }

  /** Returns how to stop. */
  on(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
