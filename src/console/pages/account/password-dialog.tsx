/** Another password, with the authenticator app that is there or with a new one. */
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Me, OfferedCodes } from '../../../desk/http/contract.ts';
import { ask, Refusal } from '../../api/client.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { Waiting } from '../../parts/empty.tsx';
import { Field } from '../../parts/field.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { type TextKey, useText } from '../../text/index.ts';
import { QrCode } from '../sign-in/qr-code.tsx';

interface PasswordDialogProps {
  readonly me: Me;
  readonly withApp: boolean;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

export function PasswordDialog({ me, withApp, onClose, onDone }: PasswordDialogProps) {
  const say = useText();
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const offered = useQuery({
    queryKey: ['offered-codes'],
    queryFn: () => ask<OfferedCodes>('POST', '/account/password/options', {}),
    enabled: withApp,
    // Each answer is another secret.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
  const change = useMutation({
    mutationFn: () => ask('POST', '/account/password', { password, code: withApp ? code : '' }),
    onSuccess: onDone,
  });
  const faults = change.error instanceof Refusal ? (change.error.problem?.faults ?? []) : [];
  const faultOf = (path: string) => {
    const fault = faults.find((one) => one.path === path);
    return fault && say(`fault.${path}.${fault.code}` as TextKey);
  };
  return (
    <Dialog title={say(withApp ? 'account.setPassword' : 'account.changePassword')} onClose={onClose}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate();
        }}
      >
        <p className="soft">{say('account.passwordHint')}</p>
        {change.error && faults.length === 0 && <ProblemNotice error={change.error} />}
        <input type="hidden" autoComplete="username" value={me.name} readOnly />
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
        {withApp && offered.isPending && <Waiting lines={1} height="12rem" />}
        {withApp && offered.error && <ProblemNotice error={offered.error} />}
        {withApp && offered.data && (
          <>
            <QrCode text={offered.data.totpAddress} label={say('invitation.qr')} />
            <p className="small">
              {say('invitation.typed')} <code dir="ltr">{offered.data.totpSecret}</code>
            </p>
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
          </>
        )}
        <div className="actions">
          <button type="button" className="button" onClick={onClose}>
            {say('action.cancel')}
          </button>
          <button type="submit" className="button primary" disabled={change.isPending}>
            {say('account.savePassword')}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
