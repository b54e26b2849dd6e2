/**
 * Keys of the console, in one table: what is pressed is looked up in it, and the help is drawn from it. Single keys, none of a
 * browser or a screen reader; all can be turned off (WCAG 2.1.4). Pure.
 */

type Doing =
  | { readonly kind: 'help' }
  /** Opens a page. */
  | { readonly kind: 'go'; readonly path: string }
  /** Uses the control of the page that is marked so, where there is one. */
  | { readonly kind: 'use'; readonly mark: string }
  /** Moves the selection of the list of the page. */
  | { readonly kind: 'move'; readonly key: 'ArrowDown' | 'ArrowUp' };

export interface Shortcut {
  /** Pressed one after the other. */
  readonly keys: readonly string[];
  readonly where: 'everywhere' | 'board' | 'record';
  readonly name: string;
  readonly does: Doing;
}

export const SHORTCUTS = [
  { keys: ['?'], where: 'everywhere', name: 'help', does: { kind: 'help' } },
  { keys: ['c'], where: 'everywhere', name: 'compose', does: { kind: 'go', path: '/compose' } },
  { keys: ['z'], where: 'everywhere', name: 'undo', does: { kind: 'use', mark: 'undo' } },
  { keys: ['g', 'b'], where: 'everywhere', name: 'board', does: { kind: 'go', path: '/' } },
  { keys: ['g', 's'], where: 'everywhere', name: 'screen', does: { kind: 'go', path: '/screen' } },
  { keys: ['g', 'd'], where: 'everywhere', name: 'drafts', does: { kind: 'go', path: '/drafts' } },
  { keys: ['g', 'n'], where: 'everywhere', name: 'network', does: { kind: 'go', path: '/network' } },
  { keys: ['g', 'o'], where: 'everywhere', name: 'oversight', does: { kind: 'go', path: '/oversight' } },
  {
    keys: ['g', 'a'],
    where: 'everywhere',
    name: 'administration',
    does: { kind: 'go', path: '/administration' },
  },
  { keys: ['/'], where: 'board', name: 'search', does: { kind: 'use', mark: 'search' } },
  { keys: ['j'], where: 'board', name: 'next', does: { kind: 'move', key: 'ArrowDown' } },
  { keys: ['k'], where: 'board', name: 'previous', does: { kind: 'move', key: 'ArrowUp' } },
  { keys: ['a'], where: 'record', name: 'acknowledge', does: { kind: 'use', mark: 'acknowledge' } },
  { keys: ['e'], where: 'record', name: 'evidence', does: { kind: 'use', mark: 'evidence' } },
  { keys: ['p'], where: 'record', name: 'print', does: { kind: 'use', mark: 'print' } },
  { keys: ['u'], where: 'record', name: 'back', does: { kind: 'use', mark: 'back' } },
] as const satisfies readonly Shortcut[];

/** Names of marks that controls carry as `data-shortcut`. */
export type Mark = Extract<(typeof SHORTCUTS)[number]['does'], { readonly kind: 'use' }>['mark'] | 'list';

interface Pressed {
  readonly key: string;
  readonly code: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly isComposing: boolean;
}

/**
 * The key as the table has it: a letter of another alphabet counts as the Latin one in its place, so that the keys are where the help
 * says on an Arabic keyboard as well. Undefined where it is none, or belongs to the browser.
 */
export function keyOf(pressed: Pressed): string | undefined {
  const { key, code, shiftKey, ctrlKey, metaKey, altKey, isComposing } = pressed;
  if (ctrlKey || metaKey || altKey || isComposing) return undefined;
  if (key === '?' || key === '؟') return '?';
  if (key === '/') return '/';
  if (shiftKey) return undefined;
  if (/^[a-z]$/.test(key)) return key;
  // Latin letters of another layout are meant as they are printed.
  if (/^[\u0000-\u024f]*$/.test(key)) return undefined;
  return /^Key[A-Z]$/.test(code) ? code.slice(3).toLowerCase() : undefined;
}

/** What the keys mean so far: one shortcut, the beginning of some, or nothing. */
export function lookUp(keys: readonly string[]): Shortcut | 'begun' | undefined {
  const fitting: readonly Shortcut[] = SHORTCUTS.filter((one) =>
    keys.every((key, at) => one.keys[at] === key),
  );
  const whole = fitting.find((one) => one.keys.length === keys.length);
  return whole ?? (fitting.length > 0 ? 'begun' : undefined);
}
