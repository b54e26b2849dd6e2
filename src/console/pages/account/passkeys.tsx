/** Passkeys of the own account: added on this device, named, removed but for the last way in. */
import { browserSupportsWebAuthn, startRegistration } from '@simplewebauthn/browser';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Account } from '../../../desk/http/contract.ts';
import { ask } from '../../api/client.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { Field } from '../../parts/field.tsx';
import { Foreign } from '../../parts/foreign.tsx';
import { Icon } from '../../parts/icons.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { Ago, Instant } from '../../parts/time.tsx';
import { useToast } from '../../parts/toast.tsx';
import { useText } from '../../text/index.ts';
import { labelOfDevice } from '../sign-in/device-label.ts';
import { ACCOUNT, type Confirmed } from './own.ts';

type Passkey = Account['passkeys'][number];

interface PasskeysProps {
  readonly account: Account;
  readonly confirmed: Confirmed;
}

export function Passkeys({ account, confirmed }: PasskeysProps) {
  const say = useText();
  const tell = useToast();
  const client = useQueryClient();
  const [naming, setNaming] = useState<Passkey>();
  const [removing, setRemoving] = useState<Passkey>();
  const again = () => client.invalidateQueries({ queryKey: ACCOUNT });
  const add = useMutation({
    async mutationFn() {
      const optionsJSON = await ask<Parameters<typeof startRegistration>[0]['optionsJSON']>(
        'POST',
        '/account/passkey/options',
        {},
      );
      const response = await startRegistration({ optionsJSON });
      await ask('POST', '/account/passkey', { label: labelOfDevice(), response });
    },
    onSuccess() {
      void again();
      tell(say('account.passkeyAdded'));
    },
  });
  const remove = useMutation({
    mutationFn: (id: string) => ask('POST', '/account/passkey/remove', { id }),
    onSuccess() {
      void again();
      tell(say('account.passkeyRemoved'));
    },
    onSettled: () => setRemoving(undefined),
  });
  const isTakenBack = add.error?.name === 'NotAllowedError';
  const isKnown = add.error?.name === 'InvalidStateError';
  const isLastWay =
    account.passkeys.length === 1 && !account.password && account.certificate === '' && account.openid === '';
  return (
    <section className="card stack" aria-labelledby="passkeys-title">
      <h2 id="passkeys-title">{say('account.passkeys')}</h2>
      {account.passkeys.length === 0 && <p className="soft">{say('account.noPasskeys')}</p>}
      <ul className="stack">
        {account.passkeys.map((passkey) => (
          <li key={passkey.id} className="row spread">
            <span>
              <strong>
                <Foreign text={passkey.label} most={100} />
              </strong>
              <br />
              <span className="soft small">
                {say('account.since')} <Instant ms={passkey.createdAt} />
                {passkey.lastUsedAt > 0 && (
                  <>
                    {' · '}
                    {say('account.used')} <Ago ms={passkey.lastUsedAt} />
                  </>
                )}
              </span>
            </span>
            <span className="row">
              <button type="button" className="button" onClick={() => confirmed(() => setNaming(passkey))}>
                {say('account.rename')}
                <span className="visually-hidden"> {passkey.label}</span>
              </button>
              <button
                type="button"
                className="button"
                disabled={isLastWay}
                onClick={() => confirmed(() => setRemoving(passkey))}
              >
                {say('form.remove')}
                <span className="visually-hidden"> {passkey.label}</span>
              </button>
            </span>
          </li>
        ))}
      </ul>
      {isLastWay && <p className="soft small">{say('account.lastWay')}</p>}
      {isKnown && <p className="notice warn">{say('account.passkeyKnown')}</p>}
      {add.error && !isTakenBack && !isKnown && <ProblemNotice error={add.error} />}
      {remove.error && <ProblemNotice error={remove.error} />}
      {browserSupportsWebAuthn() && (
        <div>
          <button
            type="button"
            className="button"
            disabled={add.isPending}
            onClick={() => confirmed(() => add.mutate())}
          >
            <Icon name="plus" />
            {say('account.addPasskey')}
          </button>
        </div>
      )}
      {naming && <Rename passkey={naming} onClose={() => setNaming(undefined)} onDone={again} />}
      {removing && (
        <Dialog title={say('account.removeTitle')} onClose={() => setRemoving(undefined)}>
          <p>
            <Foreign text={removing.label} most={100} />
          </p>
          <p>{say('account.removeHint')}</p>
          <div className="actions">
            <button type="button" className="button" onClick={() => setRemoving(undefined)}>
              {say('action.cancel')}
            </button>
            <button
              type="button"
              className="button danger"
              disabled={remove.isPending}
              onClick={() => remove.mutate(removing.id)}
            >
              {say('form.remove')}
            </button>
          </div>
        </Dialog>
      )}
    </section>
  );
}

function Rename({
  passkey,
  onClose,
  onDone,
}: {
  readonly passkey: Passkey;
  readonly onClose: () => void;
  readonly onDone: () => Promise<unknown>;
}) {
  const say = useText();
  const [label, setLabel] = useState(passkey.label);
  const rename = useMutation({
    mutationFn: () => ask('POST', '/account/passkey/rename', { id: passkey.id, label }),
    async onSuccess() {
      await onDone();
      onClose();
    },
  });
  return (
    <Dialog title={say('account.renameTitle')} onClose={onClose}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          rename.mutate();
        }}
      >
        {rename.error && <ProblemNotice error={rename.error} />}
        <Field label={say('account.passkeyName')}>
          {(control) => (
            <input
              {...control}
              className="input"
              required
              maxLength={100}
              dir="auto"
              value={label}
              onChange={(event) => setLabel(event.target.value)}
            />
          )}
        </Field>
        <div className="actions">
          <button type="button" className="button" onClick={onClose}>
            {say('action.cancel')}
          </button>
          <button type="submit" className="button primary" disabled={rename.isPending}>
            {say('account.rename')}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
