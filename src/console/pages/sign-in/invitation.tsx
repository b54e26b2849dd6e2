/** An invitation, opened once: the officer sees whom it is for and chooses how to sign in. */
import { browserSupportsWebAuthn, startRegistration } from '@simplewebauthn/browser';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useLocation } from 'wouter';
import type { Invited } from '../../../desk/http/contract.ts';
import { ask, Refusal } from '../../api/client.ts';
import { useSignInWays } from '../../api/session.ts';
import { Waiting } from '../../parts/empty.tsx';
import { Field } from '../../parts/field.tsx';
import { Foreign } from '../../parts/foreign.tsx';
import { Icon } from '../../parts/icons.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { Instant } from '../../parts/time.tsx';
import { type TextKey, useText } from '../../text/index.ts';
import { labelOfDevice } from './device-label.ts';
import { Languages } from './languages.tsx';
import { goToProvider } from './openid.tsx';
import { QrCode } from './qr-code.tsx';

export function InvitationPage() {
  const say = useText();
  const [, go] = useLocation();
  const client = useQueryClient();
  const ways = useSignInWays();
  // After the mark, so that no server's log holds it.
  const token = location.hash.slice(1);
  const invited = useQuery({
    queryKey: ['invitation', token],
    queryFn: () => ask<Invited>('POST', '/invitation', { token }),
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
  });
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const accept = useMutation({
    mutationFn: async (way: 'passkey' | 'password' | 'openid') => {
      if (way === 'openid') return goToProvider(token);
      if (way === 'password') return ask('POST', '/invitation/password', { token, password, code });
      const options = await ask<Parameters<typeof startRegistration>[0]['optionsJSON']>(
        'POST',
        '/invitation/passkey/options',
        { token },
      );
      const response = await startRegistration({ optionsJSON: options });
      return ask('POST', '/invitation/passkey', { token, label: labelOfDevice(), response });
    },
    async onSuccess(_done, way) {
      // Out to the provider: nobody is in yet.
      if (way === 'openid') return;
      await client.invalidateQueries({ queryKey: ['me'] });
      go('/', { replace: true });
    },
  });
  const faults = accept.error instanceof Refusal ? (accept.error.problem?.faults ?? []) : [];
  const faultOf = (path: string) => {
    const fault = faults.find((one) => one.path === path);
    return fault && say(`fault.${path}.${fault.code}` as TextKey);
  };
  const isTakenBack = accept.error?.name === 'NotAllowedError';
  return (
    <main className="door">
      <div className="card">
        <header>
          <img src="/bell.svg" alt="" />
          <div>
            <h1>{say('invitation.title')}</h1>
            <p className="soft">{invited.data ? `${invited.data.node} · ${invited.data.nodeName}` : ' '}</p>
          </div>
        </header>
        {invited.isPending && <Waiting lines={4} />}
        {invited.error && <ProblemNotice error={invited.error} />}
        {invited.data && (
          <>
            <dl className="facts">
              <dt>{say('signIn.name')}</dt>
              <dd>
                <Foreign text={invited.data.name} />
              </dd>
              <dt>{say('invitation.role')}</dt>
              <dd>
                {say(`role.${invited.data.role}` as TextKey)} ·{' '}
                {say(`deskGroup.${invited.data.deskGroup}` as TextKey)}
              </dd>
              <dt>{say('invitation.until')}</dt>
              <dd>
                <Instant ms={invited.data.expiresAt} />
              </dd>
            </dl>
            {accept.error && faults.length === 0 && !isTakenBack && <ProblemNotice error={accept.error} />}
            {browserSupportsWebAuthn() && (
              <>
                <button
                  type="button"
                  className="button primary"
                  disabled={accept.isPending}
                  onClick={() => accept.mutate('passkey')}
                >
                  <Icon name="key" />
                  {say('invitation.passkey')}
                </button>
                <p className="soft small">{say('invitation.passkeyHint')}</p>
                <div className="or">{say('signIn.or')}</div>
              </>
            )}
            {ways.data !== undefined && ways.data.openid !== '' && (
              <>
                <button
                  type="button"
                  className="button"
                  disabled={accept.isPending}
                  onClick={() => accept.mutate('openid')}
                >
                  <Icon name="user" />
                  {say('invitation.openid', { name: ways.data.openid })}
                </button>
                <p className="soft small">{say('invitation.openidHint')}</p>
                <div className="or">{say('signIn.or')}</div>
              </>
            )}
            <form
              className="stack"
              onSubmit={(event) => {
                event.preventDefault();
                accept.mutate('password');
              }}
            >
              <input type="hidden" autoComplete="username" value={invited.data.name} readOnly />
              <Field
                label={say('invitation.newPassword')}
                hint={say('invitation.passwordHint')}
                fault={faultOf('password')}
              >
                {(control) => (
                  <input
                    {...control}
                    className="input"
                    type="password"
                    autoComplete="new-password"
                    required
                    value={password}
                    onChange={(event) => setPassword(event.target.value)}
                  />
                )}
              </Field>
              <details>
                <summary>{say('invitation.app')}</summary>
                <div className="stack">
                  <QrCode text={invited.data.totpAddress} label={say('invitation.qr')} />
                  <p className="small">
                    {say('invitation.typed')} <code dir="ltr">{invited.data.totpSecret}</code>
                  </p>
                </div>
              </details>
              <Field label={say('signIn.code')} hint={say('signIn.codeHint')} fault={faultOf('code')}>
                {(control) => (
                  <input
                    {...control}
                    className="input mono"
                    inputMode="numeric"
                    autoComplete="one-time-code"
                    required
                    value={code}
                    onChange={(event) => setCode(event.target.value)}
                  />
                )}
              </Field>
              <button type="submit" className="button" disabled={accept.isPending}>
                {say('invitation.accept')}
              </button>
            </form>
          </>
        )}
        <Languages />
      </div>
    </main>
  );
}
