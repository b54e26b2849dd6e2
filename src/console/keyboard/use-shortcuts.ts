/** Listens to the keys of the table while nobody types, no question is open and they are not turned off. */
import { useEffect, useState, useSyncExternalStore } from 'react';
import { useLocation } from 'wouter';
import { keyOf, lookUp, type Mark, type Shortcut } from './shortcuts.ts';

const KEY = 'tocsin-shortcuts';
/** The second key of two follows within it. */
const FOLLOWS_MS = 1_500;

const listeners = new Set<() => void>();
const areOn = (): boolean => localStorage.getItem(KEY) !== 'off';

/** Whether keys count on this device, and how to change that. */
export function useShortcutsSwitch(): readonly [boolean, (on: boolean) => void] {
  const on = useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, areOn);
  return [
    on,
    (next) => {
      if (next) localStorage.removeItem(KEY);
      else localStorage.setItem(KEY, 'off');
      for (const listener of listeners) listener();
    },
  ];
}

const TYPING = 'input, textarea, select, [contenteditable], [role="textbox"], [role="combobox"]';

const isBusy = (target: EventTarget | null): boolean =>
  (target instanceof Element && target.closest(TYPING) !== null) ||
  document.querySelector('dialog[open]') !== null;

const marked = (mark: Mark): HTMLElement | null => document.querySelector(`[data-shortcut="${mark}"]`);

function use(mark: Mark): boolean {
  const control = marked(mark);
  if (control === null) return false;
  if (control instanceof HTMLInputElement) control.select();
  control.focus();
  if (!(control instanceof HTMLInputElement)) control.click();
  return true;
}

function move(key: string): boolean {
  const list = marked('list');
  if (list === null) return false;
  list.focus();
  list.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
  return true;
}

/** @param paths pages that the officer has a use for. Returns whether the help is open, and how to open and close it. */
export function useShortcuts(paths: readonly string[]): readonly [boolean, (open: boolean) => void] {
  const [isHelpOpen, setHelpOpen] = useState(false);
  const [on] = useShortcutsSwitch();
  const [, go] = useLocation();
  const places = paths.join(' ');
  useEffect(() => {
    if (!on) return;
    let keys: readonly string[] = [];
    let at = 0;
    const does = ({ does: doing }: Shortcut): boolean => {
      if (doing.kind === 'help') setHelpOpen(true);
      if (doing.kind === 'go' && places.split(' ').includes(doing.path)) go(doing.path);
      if (doing.kind === 'use') return use(doing.mark as Mark);
      if (doing.kind === 'move') return move(doing.key);
      return true;
    };
    const listen = (event: KeyboardEvent) => {
      const key = keyOf(event);
      if (key === undefined || event.defaultPrevented || isBusy(event.target)) return;
      const isFollowing = keys.length > 0 && event.timeStamp - at < FOLLOWS_MS;
      keys = isFollowing ? [...keys, key] : [key];
      at = event.timeStamp;
      const found = lookUp(keys);
      if (found === 'begun') return;
      keys = [];
      if (found !== undefined && does(found)) event.preventDefault();
    };
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  }, [on, go, places]);
  return [isHelpOpen, setHelpOpen];
}
