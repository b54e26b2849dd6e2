/** `tocsin policy …`: check and test a policy offline; preview and compare over a node's records. */
import { hex } from '../../base/bytes.ts';
import type { PartnerView } from '../../gen/tocsin/desk/v1/desk.ts';
import { type PolicyProposal, PolicyProposalState } from '../../gen/tocsin/desk/v1/policy_service.ts';
import { checkPolicies, nationalTemplate, runScenarios, shippedScenarios } from '../../policy/index.ts';
import { type AsOfficer, headerDigestOf, openOfficerDesk } from '../desk-access.ts';
import { CliError } from '../failure.ts';
import { readInputText } from '../files.ts';
import { type Output, shown } from '../print.ts';

export async function check(
  [file = '']: readonly string[],
  options: { readonly layer: 'national' | 'baseline' },
  output: Output,
): Promise<void> {
  const faults = checkPolicies(readInputText(file), { layer: options.layer });
  for (const fault of faults) output.line(`${file}:${fault.line}: ${shown(fault.message)} [${fault.code}]`);
  if (faults.length === 0) output.line(`${file}: no faults`);
  output.document({ file, faults });
  if (faults.length > 0)
    throw new CliError('FILE_INVALID', `${faults.length} fault${faults.length === 1 ? '' : 's'} in ${file}`);
}

export async function test(
  [file]: readonly string[],
  options: { readonly national?: string },
  output: Output,
): Promise<void> {
  const text = file === undefined ? shippedScenarios() : readInputText(file);
  const national =
    options.national === undefined ? nationalTemplate('standard') : readInputText(options.national);
  const results = runScenarios(text, { national });
  for (const result of results) {
    output.line(`${result.passed ? 'ok  ' : 'FAIL'} ${result.name}`);
    for (const difference of result.differences) output.line(`       ${shown(difference)}`);
  }
  const failed = results.filter((result) => !result.passed).length;
  output.line(`${results.length - failed} scenarios hold, ${failed} do not`);
  output.document({ passed: results.length - failed, failed, scenarios: results });
  if (failed > 0) throw new CliError('REFUSED', `${failed} scenario${failed === 1 ? '' : 's'} do not hold`);
}

function printMatrix(partners: readonly PartnerView[], output: Output): void {
  const facets = partners[0]?.facets.map((facet) => facet.facet) ?? [];
  const reasons = new Map<string, string>();
  const cell = (view: PartnerView, name: string): string => {
    const decision = view.facets.find((facet) => facet.facet === name)?.decision;
    if (view.receive?.allowed !== true || decision === undefined) return '–';
    if (decision.allowed) return '●';
    reasons.set(decision.rule, decision.reason);
    return `○ ${decision.rule}`;
  };
  output.table(
    ['partner', 'receives', ...facets],
    partners.map((view) => {
      if (view.receive?.allowed !== true && view.receive !== undefined)
        reasons.set(view.receive.rule, view.receive.reason);
      return [
        `${view.partner} ${shown(view.partnerName)}`,
        view.receive?.allowed === true ? 'yes' : `no (${view.receive?.rule ?? '?'})`,
        ...facets.map((name) => cell(view, name)),
      ];
    }),
  );
  for (const [rule, reason] of [...reasons].sort()) output.line(`  ${rule}: ${shown(reason)}`);
}

export async function preview(
  [reference = '']: readonly string[],
  options: AsOfficer,
  output: Output,
): Promise<void> {
  using desk = openOfficerDesk(options);
  const isRecord = /^([0-9a-f]{32}|[0-9a-f]{64})$/i.test(reference);
  const draft = isRecord ? undefined : await desk.policy.previewDraft({ draftId: reference });
  const { partners } =
    draft ?? (await desk.policy.previewRecord({ headerDigest: await headerDigestOf(desk, reference) }));
  printMatrix(partners, output);
  output.document({ partners });
}

export async function diff(
  [before = '', after = '']: readonly string[],
  options: AsOfficer,
  output: Output,
): Promise<void> {
  using desk = openOfficerDesk(options);
  const changes: unknown[] = [];
  let counts: unknown;
  const request = { oldPolicy: readInputText(before), newPolicy: readInputText(after) };
  for await (const { entry } of desk.policy.diffPolicy(request, { timeoutMs: 600_000 })) {
    if (entry?.$case === 'counts') {
      counts = entry.value;
      output.line(
        `${entry.value.records} records compared: ${entry.value.newlyVisible} cells become visible, ${entry.value.newlyHidden} are hidden`,
      );
    } else if (entry?.$case === 'change') {
      const change = entry.value;
      changes.push(change);
      const what = change.facet === '' ? 'the record itself' : change.facet;
      const now = change.after?.allowed === true ? '● becomes visible' : '○ is hidden';
      output.line(
        `${now} to ${change.partner}: ${what} of ${shown(change.title)} (${hex(change.headerDigest).slice(0, 16)}…) by ${change.after?.rule ?? '?'}`,
      );
    }
  }
  output.document({ changes, counts });
}

const stateOf = ({ state, stale }: PolicyProposal): string =>
  stale
    ? 'stale'
    : (Object.entries(PolicyProposalState)
        .find(([, number]) => number === state)?.[0]
        .slice('POLICY_PROPOSAL_STATE_'.length)
        .toLowerCase() ?? 'unknown');

/** Proposes against whatever is in force now; `policy diff` before it shows what would change. */
export async function propose(
  [file = '']: readonly string[],
  options: AsOfficer & { readonly reason: string },
  output: Output,
): Promise<void> {
  using desk = openOfficerDesk(options);
  const { digest } = await desk.policy.getPolicy({});
  const { proposal } = await desk.policy.proposePolicy({
    policy: readInputText(file),
    reason: options.reason,
    base: digest,
  });
  output.line(`proposed as ${proposal?.id}: a second administrator adopts it with \`tocsin policy adopt\``);
  output.document({ proposal });
}

export async function proposals(
  _args: readonly string[],
  options: AsOfficer & { readonly open?: boolean },
  output: Output,
): Promise<void> {
  using desk = openOfficerDesk(options);
  const found = await desk.policy.listPolicyProposals({ open: options.open === true });
  output.table(
    ['proposal', 'state', 'by', 'at', 'why'],
    found.proposals.map((one) => [
      one.id,
      stateOf(one),
      shown(one.proposer),
      new Date(Number(one.proposedAt)).toISOString(),
      shown(one.reason),
    ]),
  );
  output.document({ proposals: found.proposals });
}

export async function adopt([id = '']: readonly string[], options: AsOfficer, output: Output): Promise<void> {
  using desk = openOfficerDesk(options);
  const { proposal, digest } = await desk.policy.adoptPolicy({ id }, { timeoutMs: 60_000 });
  output.line(`in force: ${digest}`);
  output.document({ proposal, digest });
}

export async function withdraw(
  [id = '']: readonly string[],
  options: AsOfficer & { readonly note?: string },
  output: Output,
): Promise<void> {
  using desk = openOfficerDesk(options);
  const { proposal } = await desk.policy.withdrawPolicy({ id, note: options.note ?? '' });
  output.line(`withdrawn: ${id}`);
  output.document({ proposal });
}
