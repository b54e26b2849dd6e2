/** Who sees what, by which rule: network baseline, national policy, marking and desk roles in Cedar. */
export type { ArrivedItem } from './arrival.ts';
export { isMeant, type Meant } from './audience.ts';
export { baselinePolicy } from './baseline.cedar.ts';
export { checkPolicies } from './check.ts';
export { createPolicyEngine, type PolicyCounts, type PolicyEngine, type PolicyOptions } from './create.ts';
export { type Decision, POLICY_ERROR } from './decision.ts';
export {
  DESK_ACTIONS,
  type DeskAction,
  type DeskFacts,
  type DeskOfficer,
  type DeskRecord,
  type DeskRequest,
  deskFacts,
} from './desk.ts';
export { purposesOf } from './desk-purposes.ts';
export { diffPolicies, type PolicyChange } from './diff.ts';
export { type TableAnswer, tableAnswer } from './disclosure-table.ts';
export { desksOf, type PolicyRoster } from './entities.ts';
export { PolicyError, type PolicyErrorCode, type PolicyFault } from './errors.ts';
export type { Consent, SharedRecord } from './facts.ts';
export type { PolicyRule } from './layers.ts';
export { NATIONAL_TEMPLATES, type NationalTemplate, nationalTemplate } from './national-templates.ts';
export { runScenarios, type ScenarioOptions, type ScenarioResult } from './scenario.ts';
export { shippedScenarios } from './shipped-scenarios.ts';
export type { CellView, PartnerView } from './view.ts';
