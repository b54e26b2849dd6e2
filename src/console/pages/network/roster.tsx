/** The roster: its members, who signed which version, and how far the next one is signed. */
import { useMutation } from '@tanstack/react-query';
import type { Wire } from '../../../desk/http/contract.ts';
import { call } from '../../api/client.ts';
import { hexOf } from '../../api/digest.ts';
import { Foreign } from '../../parts/foreign.tsx';
import { Icon } from '../../parts/icons.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { TableFrame } from '../../parts/table-frame.tsx';
import { Instant, msOf } from '../../parts/time.tsx';
import { sayOr, useText } from '../../text/index.ts';

export function Roster({
  roster,
  isAdministrator,
}: {
  readonly roster: Wire.GetRosterResponse;
  readonly isAdministrator: boolean;
}) {
  const say = useText();
  return (
    <section className="stack" aria-labelledby="roster-title">
      <h2 id="roster-title">
        {say('network.roster', { version: roster.version })} · <Foreign text={roster.networkName} />
      </h2>
      <p className="soft small">
        {say('network.threshold', { count: roster.threshold })} · {say('record.expires')}:{' '}
        <Instant ms={msOf(roster.expires)} />
      </p>
      <Members label={say('network.roster', { version: roster.version })} members={roster.members} />
      <Versions versions={roster.versions} />
      {isAdministrator && <NextVersion inUse={roster.version} />}
    </section>
  );
}

function Members({
  label,
  members,
}: {
  readonly label: string;
  readonly members: readonly Wire.RosterMember[];
}) {
  const say = useText();
  return (
    <TableFrame label={label}>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">{say('network.member')}</th>
            <th scope="col">{say('network.memberName')}</th>
            <th scope="col">{say('network.memberRole')}</th>
            <th scope="col">{say('network.memberStatus')}</th>
            <th scope="col">{say('network.groups')}</th>
          </tr>
        </thead>
        <tbody>
          {members.map((member) => (
            <tr key={member.node}>
              <th scope="row">{member.node}</th>
              <td>
                <Foreign text={member.name} />
              </td>
              <td>{sayOr(`memberRole.${member.role}`, member.role)}</td>
              <td>
                <span className={`chip ${member.status === 'active' ? 'good' : 'bad'}`}>
                  {sayOr(`memberStatus.${member.status}`, member.status)}
                </span>
              </td>
              <td>{member.groups.join(', ')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}

function Versions({ versions }: { readonly versions: readonly Wire.RosterVersion[] }) {
  const say = useText();
  if (versions.length === 0) return null;
  return (
    <TableFrame label={say('network.versions')}>
      <table className="table">
        <caption>{say('network.versions')}</caption>
        <thead>
          <tr>
            <th scope="col">{say('network.versionNumber')}</th>
            <th scope="col">{say('network.issued')}</th>
            <th scope="col">{say('record.expires')}</th>
            <th scope="col">{say('network.signedBy')}</th>
            <th scope="col">SHA-256</th>
          </tr>
        </thead>
        <tbody>
          {versions.map((one, index) => (
            <tr key={one.version}>
              <th scope="row">
                {one.version} {index === 0 && <span className="chip good">{say('network.inUse')}</span>}
              </th>
              <td>
                <Instant ms={msOf(one.issued)} />
              </td>
              <td>
                <Instant ms={msOf(one.expires)} />
              </td>
              <td>{one.signedBy.join(', ')}</td>
              <td>
                <code dir="ltr" title={hexOf(one.digest)}>
                  {hexOf(one.digest).slice(0, 8)}…
                </code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}

const base64Of = async (file: File): Promise<string> =>
  btoa([...new Uint8Array(await file.arrayBuffer())].map((byte) => String.fromCharCode(byte)).join(''));

/** Governments sign outside of the network, each on its own device: the file that goes round says who has. */
function NextVersion({ inUse }: { readonly inUse: string }) {
  const say = useText();
  const look = useMutation({
    mutationFn: async (file: File) =>
      (await call('NetworkService/GetRoster', { proposal: await base64Of(file) })).proposal,
  });
  const found = look.data;
  return (
    <section className="card stack next-version" aria-labelledby="next-title">
      <h3 id="next-title">{say('network.next')}</h3>
      <p className="soft small">{say('network.nextHint')}</p>
      <div>
        <label className="button chooser">
          <input
            type="file"
            className="visually-hidden"
            onChange={({ currentTarget }) => {
              const [file] = currentTarget.files ?? [];
              if (file !== undefined) look.mutate(file);
              currentTarget.value = '';
            }}
          />
          <Icon name="search" />
          {say('network.nextChoose')}
        </label>
      </div>
      {look.error && <ProblemNotice error={look.error} />}
      {found && (
        <div className="stack" role="status">
          <p>
            <strong>{say('network.roster', { version: found.version })}</strong> · {say('record.expires')}:{' '}
            <Instant ms={msOf(found.expires)} />
          </p>
          <p className="small">
            SHA-256 <code dir="ltr">{hexOf(found.digest)}</code>
          </p>
          {!found.follows && (
            <p className="notice bad">{say('network.nextNotFollowing', { version: inUse })}</p>
          )}
          {found.before && <Signatures title={say('network.byBefore')} signatures={found.before} />}
          {found.own && <Signatures title={say('network.byOwn')} signatures={found.own} />}
          {found.policyChanged && <p className="notice warn">{say('network.policyChanged')}</p>}
          {found.changed.length > 0 && <Members label={say('network.changed')} members={found.changed} />}
        </div>
      )}
    </section>
  );
}

function Signatures({
  title,
  signatures,
}: {
  readonly title: string;
  readonly signatures: Wire.RosterSignatures;
}) {
  const say = useText();
  const { signedBy, missing, threshold } = signatures;
  const isEnough = signedBy.length >= threshold;
  return (
    <div>
      <p className="row">
        <strong>{title}</strong>
        <span className={`chip ${isEnough ? 'good' : 'warn'}`}>
          <Icon name={isEnough ? 'check' : 'clock'} />
          {say('network.signatures', { count: signedBy.length, threshold })}
        </span>
      </p>
      <ul>
        <li>
          {say('network.signedBy')}: {signedBy.join(', ') || '–'}
        </li>
        <li>
          {say('network.missing')}: {missing.join(', ') || '–'}
        </li>
      </ul>
    </div>
  );
}
