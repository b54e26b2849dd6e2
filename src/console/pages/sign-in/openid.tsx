/**
 * The agency's own sign-in: out to its provider, and back to a page that hands over what its address says. Only a request of this page's
 * own origin finishes a sign-in; being sent here by a link does nothing.
 */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useLocation } from 'wouter';
import type { OpenIdBegun, OpenIdConfirmed } from '../../../desk/http/contract.ts';
import { ask } from '../../api/client.ts';
import { Waiting } from '../../parts/empty.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { useToast } from '../../parts/toast.tsx';
import { useText } from '../../text/index.ts';
import { Languages } from './languages.tsx';

/** Leaves the page for the provider's; with the token of an invitation, to bind it to the account. */
export async function goToProvider(token?: string): Promise<void> {
  const { address } = await ask<OpenIdBegun>('POST', '/sign-in/openid', token === undefined ? {} : { token });
  location.assign(address);
}

/** The same for an officer who is in and proves himself anew; he comes back to his account. */
export async function confirmAtProvider(): Promise<void> {
  const { address } = await ask<OpenIdBegun>('POST', '/account/confirm/openid', {});
  location.assign(address);
}

export function OpenIdReturnPage() {
  const say = useText();
  const tell = useToast();
  const [, go] = useLocation();
  const client = useQueryClient();
  const finish = useMutation({
    mutationFn: (query: string) =>
      ask<OpenIdConfirmed | undefined>('POST', '/sign-in/openid/finish', { query }),
    async onSuccess(done) {
      await client.invalidateQueries({ queryKey: ['me'] });
      if (done?.confirmed === true) tell(say('confirm.openidDone'));
      go(done?.confirmed === true ? '/account' : '/', { replace: true });
    },
  });
  const { mutate } = finish;
  const isSent = useRef(false);
  useEffect(() => {
    if (isSent.current) return;
    isSent.current = true;
    const query = location.search.slice(1);
    // What counts once has no place in the list of pages visited.
    history.replaceState(null, '', location.pathname);
    mutate(query);
  }, [mutate]);
  return (
    <main className="door">
      <div className="card">
        <header>
          <img src="/bell.svg" alt="" />
          <div>
            <h1>Tocsin</h1>
            <p className="soft">{finish.error ? ' ' : say('signIn.returning')}</p>
          </div>
        </header>
        {finish.error ? (
          <>
            <ProblemNotice error={finish.error} />
            <a className="button" href="/">
              {say('signIn.again')}
            </a>
          </>
        ) : (
          <Waiting lines={2} />
        )}
        <Languages />
      </div>
    </main>
  );
}
