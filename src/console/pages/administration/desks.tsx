/** Desk groups and roles: what each role does, who has it where, and where nobody can release what another drafted. */
import { Waiting } from '../../parts/empty.tsx';
import { Icon } from '../../parts/icons.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { TableFrame } from '../../parts/table-frame.tsx';
import { useNumber } from '../../parts/time.tsx';
import { type TextKey, useText } from '../../text/index.ts';
import { ROLES } from './houses.ts';
import { AdministrationNav, useOfficers } from './parts.tsx';
import { readyDesks } from './steps.ts';

export function DesksPage() {
  const say = useText();
  const number = useNumber();
  const officers = useOfficers();
  const active = (officers.data?.officers ?? []).filter(({ state }) => state === 'OFFICER_STATE_ACTIVE');
  const groups = [...new Set(active.map(({ deskGroup }) => deskGroup))].sort();
  const ready = readyDesks(active);
  const groupText = (group: string) =>
    say(`deskGroup.${group.slice('DESK_GROUP_'.length).toLowerCase()}` as TextKey);
  return (
    <div className="page">
      <AdministrationNav path="/administration/desks" />
      <h1>{say('admin.desks')}</h1>
      {officers.error && <ProblemNotice error={officers.error} retry={() => void officers.refetch()} />}
      <section className="stack" aria-labelledby="who-title">
        <h2 id="who-title">{say('desks.who')}</h2>
        {officers.isPending && <Waiting lines={4} />}
        {groups.length > 0 && (
          <TableFrame label={say('desks.who')}>
            <table className="table">
              <thead>
                <tr>
                  <th scope="col">{say('filter.deskGroup')}</th>
                  {ROLES.map((role) => (
                    <th key={role} scope="col">
                      {say(`role.${role}`)}
                    </th>
                  ))}
                  <th scope="col">{say('desks.fourEyes')}</th>
                </tr>
              </thead>
              <tbody>
                {groups.map((group) => (
                  <tr key={group}>
                    <th scope="row">{groupText(group)}</th>
                    {ROLES.map((role) => (
                      <td key={role}>
                        {number(active.filter((one) => one.deskGroup === group && one.role === role).length)}
                      </td>
                    ))}
                    <td>
                      <span className={`chip ${ready.includes(group) ? 'good' : 'warn'}`}>
                        <Icon name={ready.includes(group) ? 'check' : 'alert'} />
                        {say(ready.includes(group) ? 'desks.ready' : 'desks.notReady')}
                      </span>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </TableFrame>
        )}
        <p className="soft small">{say('desks.fourEyesHint')}</p>
      </section>
      <section className="stack" aria-labelledby="roles-title">
        <h2 id="roles-title">{say('desks.roles')}</h2>
        <dl className="facts">
          {ROLES.map((role) => (
            <RoleText key={role} role={role} />
          ))}
        </dl>
      </section>
    </div>
  );
}

function RoleText({ role }: { readonly role: (typeof ROLES)[number] }) {
  const say = useText();
  return (
    <>
      <dt>{say(`role.${role}`)}</dt>
      <dd>{say(`roleHint.${role}`)}</dd>
    </>
  );
}
