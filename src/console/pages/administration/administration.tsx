/** For administrators: who may sign in. The link of an invitation is shown once. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Wire } from '../../../desk/http/contract.ts';
import { call } from '../../api/client.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { Waiting } from '../../parts/empty.tsx';
import { Field } from '../../parts/field.tsx';
import { Foreign } from '../../parts/foreign.tsx';
import { Icon } from '../../parts/icons.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { Ago, Instant, msOf, useList } from '../../parts/time.tsx';
import { useToast } from '../../parts/toast.tsx';
import { sayOr, type TextKey, useText } from '../../text/index.ts';
import { fits, GROUPS, ROLES } from './houses.ts';
import { AdministrationNav, useOfficers } from './parts.tsx';

interface Link {
  readonly name: string;
  readonly token: string;
  readonly expiresAt: number;
}

export function AdministrationPage() {
  const say = useText();
  const [inviting, setInviting] = useState(false);
  const [link, setLink] = useState<Link>();
  const officers = useOfficers();
  return (
    <div className="page">
      <AdministrationNav path="/administration" />
      <div className="page-head">
        <h1>{say('admin.officers')}</h1>
        <button type="button" className="button primary" onClick={() => setInviting(true)}>
          <Icon name="plus" />
          {say('admin.invite')}
        </button>
      </div>
      {officers.error && <ProblemNotice error={officers.error} retry={() => void officers.refetch()} />}
      {officers.isPending && <Waiting lines={6} height="3.5rem" />}
      <ul className="stack">
        {(officers.data?.officers ?? []).map((officer) => (
          <OfficerCard key={officer.id} officer={officer} onLink={setLink} />
        ))}
      </ul>
      {inviting && (
        <Invite
          onClose={() => setInviting(false)}
          onLink={(made) => {
            setInviting(false);
            setLink(made);
          }}
        />
      )}
      {link && <LinkDialog link={link} onClose={() => setLink(undefined)} />}
    </div>
  );
}

function OfficerCard({
  officer,
  onLink,
}: {
  readonly officer: Wire.OfficerRow;
  readonly onLink: (link: Link) => void;
}) {
  const say = useText();
  const tell = useToast();
  const client = useQueryClient();
  const [revoking, setRevoking] = useState(false);
  const [reason, setReason] = useState('');
  const listed = useList();
  const reinvite = useMutation({
    mutationFn: () => call('OfficerService/ReinviteOfficer', { id: officer.id }),
    onSuccess: ({ token, expiresAt }) => onLink({ name: officer.name, token, expiresAt: Number(expiresAt) }),
  });
  const revoke = useMutation({
    mutationFn: () => call('OfficerService/RevokeOfficer', { id: officer.id, reason }),
    onSuccess() {
      setRevoking(false);
      tell(say('admin.revoked'));
      void client.invalidateQueries({ queryKey: ['officers'] });
    },
  });
  const isRevoked = officer.state === 'OFFICER_STATE_REVOKED';
  const ways = [
    ...(officer.passkeys > 0 ? [say('admin.passkeys', { count: officer.passkeys })] : []),
    ...(officer.password ? [say('method.password')] : []),
    ...(officer.certificate ? [say('method.certificate')] : []),
    ...(officer.openid ? [say('method.openid')] : []),
  ];
  const look = isRevoked ? 'bad' : officer.state === 'OFFICER_STATE_ACTIVE' ? 'good' : 'warn';
  return (
    <li className="card row spread">
      <div className="stack officer">
        <strong>
          <Foreign text={officer.name} most={100} />
        </strong>
        <span className="soft small">
          {say(`role.${officer.role}` as TextKey)} ·{' '}
          {say(`deskGroup.${officer.deskGroup.slice('DESK_GROUP_'.length).toLowerCase()}` as TextKey)} ·{' '}
          <Foreign text={officer.agency} most={60} />
        </span>
        <span className="soft small ways">
          {ways.length === 0 ? say('admin.noWay') : say('admin.waysAre', { ways: listed(ways) })}
        </span>
        <span className="soft small">
          {msOf(officer.signedInAt) === 0 ? (
            say('admin.neverSignedIn')
          ) : (
            <>
              {say('admin.lastSignIn')} <Ago ms={msOf(officer.signedInAt)} /> (
              {sayOr(`method.${officer.signedInBy}`, officer.signedInBy)})
            </>
          )}{' '}
          · {say('admin.since')} <Ago ms={msOf(officer.createdAt)} />
        </span>
      </div>
      <div className="row">
        <span className={`chip ${look}`}>{say(`officerState.${officer.state}` as TextKey)}</span>
        {!isRevoked && (
          <button
            type="button"
            className="button"
            disabled={reinvite.isPending}
            onClick={() => reinvite.mutate()}
          >
            {say('admin.newLink')}
          </button>
        )}
        {!isRevoked && !officer.own && (
          <button type="button" className="button" onClick={() => setRevoking(true)}>
            {say('admin.revoke')}
          </button>
        )}
      </div>
      {reinvite.error && <ProblemNotice error={reinvite.error} />}
      {revoking && (
        <Dialog title={say('admin.revokeTitle', { name: officer.name })} onClose={() => setRevoking(false)}>
          <p>{say('admin.revokeHint')}</p>
          <Field label={say('admin.reason')}>
            {(control) => (
              <input
                {...control}
                className="input"
                required
                maxLength={200}
                value={reason}
                onChange={(event) => setReason(event.target.value)}
              />
            )}
          </Field>
          {revoke.error && <ProblemNotice error={revoke.error} />}
          <div className="actions">
            <button type="button" className="button" onClick={() => setRevoking(false)}>
              {say('action.cancel')}
            </button>
            <button
              type="button"
              className="button danger"
              disabled={reason.trim() === '' || revoke.isPending}
              onClick={() => revoke.mutate()}
            >
              {say('admin.revoke')}
            </button>
          </div>
        </Dialog>
      )}
    </li>
  );
}

function Invite({
  onClose,
  onLink,
}: {
  readonly onClose: () => void;
  readonly onLink: (link: Link) => void;
}) {
  const say = useText();
  const client = useQueryClient();
  const [who, setWho] = useState({ name: '', agency: '', deskGroup: '', role: 'officer' });
  const invite = useMutation({
    mutationFn: () =>
      call('OfficerService/InviteOfficer', {
        ...who,
        deskGroup: `DESK_GROUP_${who.deskGroup}` as Wire.DeskGroup,
      }),
    onSuccess({ token, expiresAt }) {
      void client.invalidateQueries({ queryKey: ['officers'] });
      onLink({ name: who.name, token, expiresAt: Number(expiresAt) });
    },
  });
  return (
    <Dialog title={say('admin.invite')} onClose={onClose}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          invite.mutate();
        }}
      >
        <Field label={say('signIn.name')}>
          {(control) => (
            <input
              {...control}
              className="input"
              required
              maxLength={100}
              value={who.name}
              onChange={(event) => setWho({ ...who, name: event.target.value })}
            />
          )}
        </Field>
        <Field label={say('admin.agency')}>
          {(control) => (
            <input
              {...control}
              className="input"
              required
              maxLength={100}
              value={who.agency}
              onChange={(event) => setWho({ ...who, agency: event.target.value })}
            />
          )}
        </Field>
        <Field label={say('filter.deskGroup')}>
          {(control) => (
            <select
              {...control}
              className="input"
              required
              value={who.deskGroup}
              onChange={({ target: { value: deskGroup } }) =>
                setWho({
                  ...who,
                  deskGroup,
                  role: fits(who.role, deskGroup)
                    ? who.role
                    : (ROLES.find((one) => fits(one, deskGroup)) ?? ''),
                })
              }
            >
              <option value="">{say('choose')}</option>
              {GROUPS.map((one) => (
                <option key={one} value={one}>
                  {say(`deskGroup.${one.toLowerCase()}` as TextKey)}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Field label={say('admin.role')}>
          {(control) => (
            <select
              {...control}
              className="input"
              value={who.role}
              onChange={(event) => setWho({ ...who, role: event.target.value })}
            >
              {ROLES.filter((one) => fits(one, who.deskGroup)).map((one) => (
                <option key={one} value={one}>
                  {say(`role.${one}` as TextKey)}
                </option>
              ))}
            </select>
          )}
        </Field>
        {invite.error && <ProblemNotice error={invite.error} />}
        <div className="actions">
          <button type="button" className="button" onClick={onClose}>
            {say('action.cancel')}
          </button>
          <button type="submit" className="button primary" disabled={invite.isPending}>
            {say('admin.makeLink')}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function LinkDialog({ link, onClose }: { readonly link: Link; readonly onClose: () => void }) {
  const say = useText();
  const tell = useToast();
  const address = `${location.origin}/invitation#${link.token}`;
  return (
    <Dialog title={say('admin.linkTitle', { name: link.name })} onClose={onClose}>
      <p>
        {say('admin.linkHint')} <Instant ms={link.expiresAt} />
      </p>
      <p className="card nested">
        <code dir="ltr">{address}</code>
      </p>
      <div className="actions">
        <button
          type="button"
          className="button"
          onClick={() => void navigator.clipboard.writeText(address).then(() => tell(say('admin.copied')))}
        >
          {say('admin.copy')}
        </button>
        <button type="button" className="button primary" onClick={onClose}>
          {say('action.done')}
        </button>
      </div>
    </Dialog>
  );
}
