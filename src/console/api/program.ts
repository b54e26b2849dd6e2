/** The copy of the program that opens without a link, and news of a later build of it. */
import { useSyncExternalStore } from 'react';

const WORKER = '/service-worker.js';
const LOOK_EVERY_MS = 3_600_000;

let waiting: ServiceWorker | undefined;
const listeners = new Set<() => void>();

function found(worker: ServiceWorker | null): void {
  // The first copy of all counts at once, and is no news.
  if (worker === null || navigator.serviceWorker.controller === null) return;
  waiting = worker;
  for (const listener of listeners) listener();
}

/** Copies the program in the background; a browser that refuses works with a link alone. */
export async function copyProgram(): Promise<void> {
  if (!('serviceWorker' in navigator)) return;
  const registration = await navigator.serviceWorker.register(WORKER);
  found(registration.waiting);
  registration.addEventListener('updatefound', () => {
    const { installing } = registration;
    installing?.addEventListener('statechange', () => {
      if (installing.state === 'installed') found(installing);
    });
  });
  setInterval(() => void registration.update().catch(() => undefined), LOOK_EVERY_MS);
}

/** Whether a later build is here and waits to be taken. */
export const useLaterBuild = (): boolean =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => waiting !== undefined,
  );

/** The later build counts from the next page that is opened. */
export const takeOverNow = (): void => waiting?.postMessage('take over');

/** Takes the later build and opens this page with it; other windows stay as they are until they are opened again. */
export function openWithLaterBuild(): void {
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
  takeOverNow();
}
