/** First-run assistant: what is done on the way from an empty machine to the first exchanged record, and what comes next. */
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { call } from '../../api/client.ts';
import { Waiting } from '../../parts/empty.tsx';
import { Icon, type IconName } from '../../parts/icons.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { type TextKey, useText } from '../../text/index.ts';
import { AdministrationNav, Command, useOfficers, useStatus } from './parts.tsx';
import { nextStep, STEPS, type StepName, type StepState, stepsOf } from './steps.ts';

/** Where a step is done: on a page of the console, or by a command on the node's machine. */
const WAYS: Readonly<Record<StepName, { readonly page?: string; readonly command?: string }>> = {
  officers: { page: '/administration' },
  policy: { command: 'tocsin policy diff OLD.cedar NEW.cedar' },
  roster: { command: 'tocsin network adopt' },
  broker: { command: 'tocsin doctor --dir NODE' },
  link: { page: '/network' },
  release: {},
  receipt: { page: '/network' },
};

const LOOKS: Readonly<Record<StepState, readonly [string, IconName]>> = {
  done: ['good', 'check'],
  look: ['warn', 'eye'],
  open: ['', 'clock'],
};

export function FirstStepsPage() {
  const say = useText();
  const officers = useOfficers();
  const status = useStatus();
  const roster = useQuery({
    queryKey: ['network', 'roster'],
    queryFn: () => call('NetworkService/GetRoster', {}),
  });
  const links = useQuery({
    queryKey: ['network', 'links'],
    queryFn: () => call('NetworkService/ListLinks', {}),
  });
  const all = [officers, status, roster, links];
  const error = all.find((one) => one.error)?.error;
  const states =
    officers.data && status.data && roster.data && links.data
      ? stepsOf({
          officers: officers.data.officers,
          status: status.data,
          members: roster.data.members,
          links: links.data.links,
        })
      : undefined;
  const next = states && nextStep(states);
  return (
    <div className="page">
      <AdministrationNav path="/administration/start" />
      <h1>{say('admin.start')}</h1>
      <p className="soft">{say('start.what')}</p>
      {error && (
        <ProblemNotice
          error={error}
          retry={() => {
            for (const one of all) void one.refetch();
          }}
        />
      )}
      {states === undefined && !error && <Waiting lines={7} height="4.5rem" />}
      {states && (
        <>
          {next === undefined && (
            <div className="notice good" role="status">
              <Icon name="check" />
              <p>{say('start.all')}</p>
            </div>
          )}
          <ol className="steps">
            {STEPS.map((name) => (
              <Step
                key={name}
                name={name}
                state={states[name]}
                isNext={name === next}
                template={status.data?.policyTemplate ?? ''}
              />
            ))}
          </ol>
        </>
      )}
    </div>
  );
}

function Step({
  name,
  state,
  isNext,
  template,
}: {
  readonly name: StepName;
  readonly state: StepState;
  readonly isNext: boolean;
  readonly template: string;
}) {
  const say = useText();
  const [look, icon] = LOOKS[state];
  const { page, command } = WAYS[name];
  return (
    <li className={`card step${isNext ? ' next' : ''}`} aria-current={isNext ? 'step' : undefined}>
      <div className="row spread">
        <h2>{say(`start.${name}`)}</h2>
        <span className={`chip ${look}`}>
          <Icon name={icon} />
          {say(`stepState.${state}` as TextKey)}
        </span>
      </div>
      <p>
        {say(`start.${name}Hint`)}
        {name === 'policy' && template !== '' && ` ${say('start.policyTemplate', { template })}`}
      </p>
      {state !== 'done' && (page !== undefined || command !== undefined) && (
        <p className="row">
          {page !== undefined && (
            <Link href={page} className={`button${isNext ? ' primary' : ''}`}>
              {say(page === '/network' ? 'nav.network' : 'admin.officers')}
            </Link>
          )}
          {command !== undefined && <Command>{command}</Command>}
        </p>
      )}
    </li>
  );
}
