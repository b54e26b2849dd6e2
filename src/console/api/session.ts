/** Who is signed in, and how one may sign in. */
import { useQuery } from '@tanstack/react-query';
import type { Me, SignInWays } from '../../desk/http/contract.ts';
import { ask, Refusal } from './client.ts';
import { forgetEverything, forgetShownFrom } from './kept.ts';
import { heldOfficer, heldText, holdOfficer, holdText, isHeldOver, letGo, noteUse } from './officer.ts';
import { takeOverNow } from './program.ts';
import { askWindows, listenToWindows, tellSignedOut } from './windows.ts';

const USES = ['pointerdown', 'keydown'] as const;
const LOOKED_AT_MS = 15_000;

/** `null` = nobody. */
/** A session that was ended without a link: the node does not know yet. */
const LEFT_OPEN = 'tocsin-left-open';

async function endLeftOpen(): Promise<void> {
  if (localStorage.getItem(LEFT_OPEN) === null) return;
  await ask('POST', '/sign-out', {});
  localStorage.removeItem(LEFT_OPEN);
}

async function askMe(): Promise<Me | null> {
  try {
    await endLeftOpen();
    const me = await ask<Me>('GET', '/me');
    // Another officer signed in on this device: what was read belongs to the one before.
    if (heldOfficer()?.identity !== me.identity) await forgetEverything();
    holdOfficer(me);
    forgetShownFrom();
    return me;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (error.status === 401) {
      await forgetEverything();
      return null;
    }
    const held = error.code === 'OFFLINE' ? await heldSomewhere() : undefined;
    if (held !== undefined) return held;
    if (isHeldOver()) await forgetEverything();
    throw error;
  }
}

/** By this window, else by another one that is open; over is over in all of them. */
async function heldSomewhere(): Promise<Me | undefined> {
  const own = heldOfficer();
  if (own !== undefined || isHeldOver()) return own;
  const other = await askWindows();
  if (other !== null) holdText(other);
  return heldOfficer();
}

/** `null` = nobody. Without a link it is who was signed in, until that is over. */
export const useMe = () =>
  useQuery({
    queryKey: ['me'],
    queryFn: askMe,
    staleTime: 60_000,
    retry: (failures, error) => error instanceof Refusal && error.code === 'OFFLINE' && failures < 1,
  });

export const useSignInWays = () =>
  useQuery({ queryKey: ['sign-in'], queryFn: () => ask<SignInWays>('GET', '/sign-in'), staleTime: 300_000 });

/**
 * Ends the session; the window begins anew, so that nothing that was loaded stays in its memory. Without a link it ends on this
 * device, and at the node before anything else is asked of it.
 */
export async function signOut(): Promise<void> {
  try {
    await ask('POST', '/sign-out', {});
  } catch (error) {
    if (!(error instanceof Refusal && error.code === 'OFFLINE')) throw error;
    localStorage.setItem(LEFT_OPEN, 'yes');
  } finally {
    await forgetEverything();
    tellSignedOut();
  }
  takeOverNow();
  location.replace('/');
}

/** Ends what is held of an officer once it is over or he signed out in another window, also where nobody asks the node. Returns how to stop. */
export function watchUse(): () => void {
  const used = () => noteUse('officer');
  const timer = setInterval(() => {
    if (isHeldOver()) void forgetEverything().then(() => location.replace('/'));
  }, LOOKED_AT_MS);
  const stop = listenToWindows(heldText, () => {
    letGo();
    location.replace('/');
  });
  for (const event of USES) addEventListener(event, used, { passive: true });
  return () => {
    clearInterval(timer);
    stop();
    for (const event of USES) removeEventListener(event, used);
  };
}
