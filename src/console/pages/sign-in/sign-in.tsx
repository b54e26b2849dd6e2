/** Coming in: passkey first, then password and code, then the agency's own sign-in and the card. */
import { browserSupportsWebAuthn, startAuthentication } from '@simplewebauthn/browser';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ask, Refusal } from '../../api/client.ts';
import { useSignInWays } from '../../api/session.ts';
import { Field } from '../../parts/field.tsx';
import { Foreign } from '../../parts/foreign.tsx';
import { Icon } from '../../parts/icons.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { useText } from '../../text/index.ts';
import { Languages } from './languages.tsx';
import { goToProvider } from './openid.tsx';

/** What the browser says when a person closes its question is no failure. */
const isTakenBack = (error: unknown): boolean => error instanceof Error && error.name === 'NotAllowedError';

export async function withPasskey(): Promise<void> {
  const options = await ask<Parameters<typeof startAuthentication>[0]['optionsJSON']>(
    'POST',
    '/sign-in/passkey/options',
    {},
  );
  await ask('POST', '/sign-in/passkey', { response: await startAuthentication({ optionsJSON: options }) });
}

export function SignInPage() {
  const say = useText();
  const client = useQueryClient();
  const ways = useSignInWays();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const enter = useMutation({
    mutationFn: async (way: 'passkey' | 'password' | 'certificate' | 'openid') => {
      if (way === 'passkey') await withPasskey();
      if (way === 'password') await ask('POST', '/sign-in/password', { name, password, code });
      if (way === 'openid') await goToProvider();
      if (way === 'certificate') await ask('POST', '/sign-in/certificate', {});
    },
    // Out to the provider: nobody is in yet.
    onSuccess: (_done, way) =>
      way === 'openid' ? undefined : client.invalidateQueries({ queryKey: ['me'] }),
  });
  const problem =
    enter.error && !isTakenBack(enter.error)
      ? asRefusal(enter.error, say('signIn.passkeyFailed'))
      : undefined;
  return (
    <main className="door">
      <div className="card">
        <header>
          <img src="/bell.svg" alt="" />
          <div>
            <h1>Tocsin</h1>
            <p className="soft">
              {ways.data ? (
                <>
                  {ways.data.node} · <Foreign text={ways.data.nodeName} />
                </>
              ) : (
                ' '
              )}
            </p>
          </div>
        </header>
        {problem && <ProblemNotice error={problem} />}
        {browserSupportsWebAuthn() && (
          <>
            <button
              type="button"
              className="button primary"
              disabled={enter.isPending}
              onClick={() => enter.mutate('passkey')}
            >
              <Icon name="key" />
              {say('signIn.passkey')}
            </button>
            <div className="or">{say('signIn.or')}</div>
          </>
        )}
        <form
          className="stack"
          onSubmit={(event) => {
            event.preventDefault();
            enter.mutate('password');
          }}
        >
          <Field label={say('signIn.name')}>
            {(control) => (
              <input
                {...control}
                className="input"
                autoComplete="username"
                required
                value={name}
                onChange={(event) => setName(event.target.value)}
              />
            )}
          </Field>
          <Field label={say('signIn.password')}>
            {(control) => (
              <input
                {...control}
                className="input"
                type="password"
                autoComplete="current-password"
                required
                value={password}
                onChange={(event) => setPassword(event.target.value)}
              />
            )}
          </Field>
          <Field label={say('signIn.code')} hint={say('signIn.codeHint')}>
            {(control) => (
              <input
                {...control}
                className="input mono"
                inputMode="numeric"
                autoComplete="one-time-code"
                pattern="[0-9 ]{6,7}"
                required
                value={code}
                onChange={(event) => setCode(event.target.value)}
              />
            )}
          </Field>
          <button type="submit" className="button" disabled={enter.isPending}>
            {say('signIn.enter')}
          </button>
        </form>
        {ways.data !== undefined && (ways.data.certificate || ways.data.openid !== '') && (
          <div className="or">{say('signIn.or')}</div>
        )}
        {ways.data !== undefined && ways.data.openid !== '' && (
          <button
            type="button"
            className="button"
            disabled={enter.isPending}
            onClick={() => enter.mutate('openid')}
          >
            <Icon name="user" />
            {say('signIn.openid', { name: ways.data.openid })}
          </button>
        )}
        {ways.data?.certificate === true && (
          <button
            type="button"
            className="button"
            disabled={enter.isPending}
            onClick={() => enter.mutate('certificate')}
          >
            <Icon name="card" />
            {say('signIn.certificate')}
          </button>
        )}
        <Languages />
      </div>
    </main>
  );
}

/** The library's own errors tell programmers; people are told what to do. */
const asRefusal = (error: Error, otherwise: string): Error =>
  error instanceof Refusal ? error : new Refusal(0, 'PASSKEY', otherwise);
