/** An officer's own account: ways to sign in, other sessions, and how the console is on this device. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Account, Me, SessionsEnded } from '../../../desk/http/contract.ts';
import { ask } from '../../api/client.ts';
import { useShortcutsSwitch } from '../../keyboard/use-shortcuts.ts';
import { Waiting } from '../../parts/empty.tsx';
import { Field } from '../../parts/field.tsx';
import { Foreign } from '../../parts/foreign.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { Ago, Instant } from '../../parts/time.tsx';
import { useToast } from '../../parts/toast.tsx';
import {
  changeLanguage,
  LANGUAGE_NAMES,
  LANGUAGES,
  type TextKey,
  useLanguage,
  useText,
} from '../../text/index.ts';
import { ConfirmDialog } from './confirm-dialog.tsx';
import { ACCOUNT, type Confirmed } from './own.ts';
import { Passkeys } from './passkeys.tsx';
import { PasswordDialog } from './password-dialog.tsx';

/** Less is not worth beginning a change with. */
const ENOUGH_MS = 20_000;

export function AccountPage({ me }: { readonly me: Me }) {
  const say = useText();
  const tell = useToast();
  const client = useQueryClient();
  const found = useQuery({
    queryKey: ACCOUNT,
    queryFn: () => ask<Account>('GET', '/account'),
    staleTime: 0,
  });
  const [waiting, setWaiting] = useState<() => void>();
  const [changing, setChanging] = useState<'password' | 'app'>();
  const endOthers = useMutation({
    mutationFn: () => ask<SessionsEnded>('POST', '/account/sessions/end', {}),
    onSuccess({ ended }) {
      void client.invalidateQueries({ queryKey: ACCOUNT });
      tell(say('account.ended', { count: ended }));
    },
  });
  const account = found.data;
  const confirmed: Confirmed = (change) => {
    const since = Date.now() - found.dataUpdatedAt;
    if ((account?.confirmedForMs ?? 0) - since > ENOUGH_MS) change();
    else setWaiting(() => change);
  };
  return (
    <div className="page account">
      <h1>{say('account.title')}</h1>
      <p>
        <strong>
          <Foreign text={me.name} />
        </strong>{' '}
        · {say(`role.${me.role}` as TextKey)} · {say(`deskGroup.${me.deskGroup}` as TextKey)} ·{' '}
        <Foreign text={me.agency} />
      </p>
      {found.error && <ProblemNotice error={found.error} retry={() => void found.refetch()} />}
      {account === undefined && !found.error && <Waiting lines={6} height="2.5rem" />}
      {account && (
        <>
          <Passkeys account={account} confirmed={confirmed} />
          <section className="card stack" aria-labelledby="password-title">
            <h2 id="password-title">{say('account.password')}</h2>
            <p>{say(account.password ? 'account.passwordSet' : 'account.passwordNone')}</p>
            <div className="row">
              {account.password && (
                <button
                  type="button"
                  className="button"
                  onClick={() => confirmed(() => setChanging('password'))}
                >
                  {say('account.changePassword')}
                </button>
              )}
              <button type="button" className="button" onClick={() => confirmed(() => setChanging('app'))}>
                {say(account.password ? 'account.changeApp' : 'account.setPassword')}
              </button>
            </div>
          </section>
          {(account.certificate !== '' || account.openid !== '') && (
            <section className="card stack" aria-labelledby="bound-title">
              <h2 id="bound-title">{say('account.bound')}</h2>
              <dl className="facts">
                {account.certificate !== '' && (
                  <>
                    <dt>{say('account.certificate')}</dt>
                    <dd>
                      <code dir="ltr">{account.certificate}</code>
                    </dd>
                  </>
                )}
                {account.openid !== '' && (
                  <>
                    <dt>{say('account.provider')}</dt>
                    <dd>
                      <Foreign text={account.openid} />
                    </dd>
                  </>
                )}
              </dl>
            </section>
          )}
          <section className="card stack" aria-labelledby="sessions-title">
            <h2 id="sessions-title">{say('account.sessions', { count: account.sessions.length })}</h2>
            <ul className="stack">
              {account.sessions.map((session) => (
                <li key={`${session.createdAt} ${session.seenAt} ${session.method}`}>
                  <strong>{say(session.own ? 'account.thisSession' : 'account.otherSession')}</strong> ·{' '}
                  {say(`method.${session.method}`)}
                  <br />
                  <span className="soft small">
                    {say('account.since')} <Instant ms={session.createdAt} /> · {say('account.used')}{' '}
                    <Ago ms={session.seenAt} />
                  </span>
                </li>
              ))}
            </ul>
            {endOthers.error && <ProblemNotice error={endOthers.error} />}
            <div>
              <button
                type="button"
                className="button"
                disabled={endOthers.isPending || account.sessions.length < 2}
                onClick={() => endOthers.mutate()}
              >
                {say('account.endOthers')}
              </button>
            </div>
          </section>
        </>
      )}
      <Device />
      {waiting && account && (
        <ConfirmDialog
          account={account}
          me={me}
          onClose={() => setWaiting(undefined)}
          onConfirmed={async () => {
            setWaiting(undefined);
            await found.refetch();
            waiting();
          }}
        />
      )}
      {changing && (
        <PasswordDialog
          me={me}
          withApp={changing === 'app'}
          onClose={() => setChanging(undefined)}
          onDone={() => {
            setChanging(undefined);
            void client.invalidateQueries({ queryKey: ACCOUNT });
            tell(say('account.passwordChanged'));
          }}
        />
      )}
    </div>
  );
}

/** How the console is for this officer, here. */
function Device() {
  const say = useText();
  const language = useLanguage();
  const [on, setOn] = useShortcutsSwitch();
  return (
    <section className="card stack" aria-labelledby="device-title">
      <h2 id="device-title">{say('account.device')}</h2>
      <Field label={say('menu.language')}>
        {(control) => (
          <select
            {...control}
            className="input"
            value={language}
            onChange={(event) => {
              const chosen = LANGUAGES.find((one) => one === event.target.value) ?? 'en';
              void changeLanguage(chosen);
              void ask('POST', '/me/locale', { locale: chosen });
            }}
          >
            {LANGUAGES.map((one) => (
              <option key={one} value={one} lang={one}>
                {LANGUAGE_NAMES[one]}
              </option>
            ))}
          </select>
        )}
      </Field>
      <label className="row">
        <input type="checkbox" checked={on} onChange={(event) => setOn(event.target.checked)} />
        {say('shortcuts.on')}
      </label>
    </section>
  );
}
