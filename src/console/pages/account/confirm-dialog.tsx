/** Asks the officer to prove himself before a change of his account: by whichever way he has. */
import { browserSupportsWebAuthn, startAuthentication } from '@simplewebauthn/browser';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { Account, Me } from '../../../desk/http/contract.ts';
import { ask } from '../../api/client.ts';
import { useSignInWays } from '../../api/session.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { Field } from '../../parts/field.tsx';
import { Icon } from '../../parts/icons.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { useText } from '../../text/index.ts';
import { confirmAtProvider } from '../sign-in/openid.tsx';

interface ConfirmDialogProps {
  readonly account: Account;
  readonly me: Me;
  readonly onClose: () => void;
  readonly onConfirmed: () => void;
}

async function withPasskey(): Promise<void> {
  const optionsJSON = await ask<Parameters<typeof startAuthentication>[0]['optionsJSON']>(
    'POST',
    '/account/confirm/passkey/options',
    {},
  );
  await ask('POST', '/account/confirm/passkey', { response: await startAuthentication({ optionsJSON }) });
}

export function ConfirmDialog({ account, me, onClose, onConfirmed }: ConfirmDialogProps) {
  const say = useText();
  const ways = useSignInWays();
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const confirm = useMutation({
    mutationFn: async (way: 'passkey' | 'password' | 'certificate' | 'openid') => {
      if (way === 'passkey') await withPasskey();
      if (way === 'password') await ask('POST', '/account/confirm/password', { password, code });
      if (way === 'certificate') await ask('POST', '/account/confirm/certificate', {});
      if (way === 'openid') await confirmAtProvider();
    },
    // Out to the provider: nothing is proven yet.
    onSuccess: (_done, way) => (way === 'openid' ? undefined : onConfirmed()),
  });
  const isTakenBack = confirm.error?.name === 'NotAllowedError';
  return (
    <Dialog title={say('confirm.title')} onClose={onClose}>
      <p>{say('confirm.hint')}</p>
      {confirm.error && !isTakenBack && <ProblemNotice error={confirm.error} />}
      {account.passkeys.length > 0 && browserSupportsWebAuthn() && (
        <button
          type="button"
          className="button primary"
          disabled={confirm.isPending}
          onClick={() => confirm.mutate('passkey')}
        >
          <Icon name="key" />
          {say('confirm.passkey')}
        </button>
      )}
      {account.certificate !== '' && (
        <button
          type="button"
          className="button"
          disabled={confirm.isPending}
          onClick={() => confirm.mutate('certificate')}
        >
          <Icon name="card" />
          {say('confirm.certificate')}
        </button>
      )}
      {account.openid !== '' && ways.data !== undefined && ways.data.openid !== '' && (
        <>
          <button
            type="button"
            className="button"
            disabled={confirm.isPending}
            onClick={() => confirm.mutate('openid')}
          >
            <Icon name="key" />
            {say('confirm.openid', { name: ways.data.openid })}
          </button>
          <p className="soft small">{say('confirm.openidHint')}</p>
        </>
      )}
      {account.password && (
        <form
          className="stack"
          onSubmit={(event) => {
            event.preventDefault();
            confirm.mutate('password');
          }}
        >
          <input type="hidden" autoComplete="username" value={me.name} readOnly />
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
                required
                value={code}
                onChange={(event) => setCode(event.target.value)}
              />
            )}
          </Field>
          <button type="submit" className="button primary" disabled={confirm.isPending}>
            {say('confirm.password')}
          </button>
        </form>
      )}
      <div className="actions">
        <button type="button" className="button" onClick={onClose}>
          {say('action.cancel')}
        </button>
      </div>
    </Dialog>
  );
}
