/** Runs scenario files: policies are tested by what partners see, before they are put in force. */
import { Handling } from '../gen/tocsin/record/v1/marking.ts';
import { facetOf, reasonName } from '../record/index.ts';
import { includesCell } from './audience.ts';
import { baselinePolicy } from './baseline.cedar.ts';
import { createPolicyEngine, type PolicyEngine } from './create.ts';
import type { Decision } from './decision.ts';
import { DESK_ACTIONS } from './desk.ts';
import type { Consent, SharedRecord } from './facts.ts';
import {
  invalid,
  parseScenarios,
  type Scenario,
  type ScenarioConsent,
  type ScenarioFile,
  type ScenarioRecord,
} from './scenario-format.ts';
import { buildRecord, deskNumber, purposeNumber, scenarioRoster } from './scenario-record.ts';

const DAY_MS = 86_400_000;

export interface ScenarioOptions {
  /** Absent = the baseline as shipped. */
  readonly baseline?: string;
  /** National policy of every node that has none in the scenario; absent = none. */
  readonly national?: string;
}

export interface ScenarioResult {
  readonly name: string;
  /** Number in the list of the domain page. */
  readonly number?: number;
  readonly passed: boolean;
  /** What differs from the expectation, one line each. */
  readonly differences: readonly string[];
}

/**
 * Runs every scenario of a file's text. Throws PolicyError: `SCENARIO_INVALID` for a file that breaks the format,
 * `POLICY_INVALID` for faulty policies. A scenario that does not hold is a result, not an error.
 */
export function runScenarios(text: string, options: ScenarioOptions = {}): readonly ScenarioResult[] {
  const file = parseScenarios(text);
  const roster = scenarioRoster(file, Date.parse(file.at));
  const engines = new Map<string, PolicyEngine>();
  const engineOf = (self: string, national: string): PolicyEngine => {
    const key = `${self} ${national}`;
    const engine =
      engines.get(key) ??
      createPolicyEngine({ baseline: options.baseline ?? baselinePolicy(), national, self, roster });
    engines.set(key, engine);
    return engine;
  };
  return file.scenarios.map((scenario) => {
    const differences = new ScenarioRun(file, scenario, options.national ?? '', engineOf).differences();
    return {
      name: scenario.name,
      ...(scenario.number !== undefined && { number: scenario.number }),
      passed: differences.length === 0,
      differences,
    };
  });
}

/** One scenario of a file. */
class ScenarioRun {
  readonly #scenario: Scenario;
  readonly #national: string;
  readonly #engineWith: (self: string, national: string) => PolicyEngine;
  readonly #releasedMs: number;
  readonly #atMs: number;
  readonly #record: ScenarioRecord;

  constructor(
    file: ScenarioFile,
    scenario: Scenario,
    national: string,
    engineWith: (self: string, national: string) => PolicyEngine,
  ) {
    this.#scenario = scenario;
    this.#national = national;
    this.#engineWith = engineWith;
    this.#releasedMs = Date.parse(file.at);
    this.#atMs = this.#releasedMs + scenario.after * DAY_MS;
    this.#record = recordOf(file, scenario);
  }

  differences(): readonly string[] {
    const { rejected, sharing, arrivals, desk } = this.#scenario;
    const built = buildRecord(this.#record, this.#releasedMs);
    /** The named record with what the scenario changes of it. */
    function _recordOf(file: ScenarioFile, scenario: Scenario): ScenarioRecord {
      const named = file.records[scenario.record];
      if (named === undefined)
        throw invalid([`${scenario.name}: ${JSON.stringify(scenario.record)} is no record of the file`]);
      return {
        ...named,
        marking: { ...named.marking, ...scenario.marking },
        facets: { ...named.facets, ...scenario.facets },
      };
    }

    const said = built.faults.map((fault) => `${fault.path}: ${fault.code}`);
    if (rejected !== undefined)
      return said.some((fault) => fault.endsWith(`: ${rejected}`))
        ? []
        : [`expected the content to be refused by ${rejected}, got ${said.join(', ') || 'no fault'}`];
    if (built.record === undefined) return [`the content is no record: ${said.join(', ')}`];
    const { record } = built;
    return [
      ...said.map((fault) => `the content has a fault: ${fault}`),
      ...sharing.flatMap((expected) => this.#sharing(record, expected)),
      ...arrivals.flatMap((expected) => this.#arrival(record, expected)),
      ...desk.flatMap((expected) => this.#desk(record, expected)),
    ];
  }

  #engineOf(node: string): PolicyEngine {
    const own = node === this.#record.originator ? this.#scenario.national : undefined;
    return this.#engineWith(node, own ?? this.#national);
  }

  #consent(given: ScenarioConsent | undefined): { consent?: Consent } {
    if (given === undefined) return {};
    const { facets, to, expires } = given;
    return { consent: { facets, to, expiresMs: this.#releasedMs + expires * DAY_MS } };
  }

  /** A forwarder has what the originator's policy gave it. */
  #heldBy(forwarder: string, record: SharedRecord): SharedRecord {
    const view = this.#engineOf(record.signed.header.originator).viewFor(record, forwarder, this.#atMs);
    const facets = record.facets.filter(({ facet }) => view.facets.get(facet)?.allowed === true);
    return { ...record, facets };
  }

  #sharing(record: SharedRecord, expected: Scenario['sharing'][number]): string[] {
    const { to, by, desk, purpose } = expected;
    const held =
      by === undefined ? record : { ...this.#heldBy(by, record), ...this.#consent(expected.consent) };
    const engine = this.#engineOf(by ?? record.signed.header.originator);
    const view = engine.viewFor(held, to, this.#atMs);
    if ((desk === undefined) !== (purpose === undefined))
      throw invalid([`${this.#scenario.name}: expected desk and purpose together, or neither`]);
    const cell =
      desk === undefined || purpose === undefined
        ? undefined
        : { deskGroup: deskNumber(desk), purpose: purposeNumber(purpose) };
    const seen = cell === undefined ? view : engine.explain(held, to, cell, this.#atMs);
    const label = cell === undefined ? to : `${to} ${desk} ${purpose}`;
    const found: string[] = [];
    const check = (fits: boolean, difference: string) => {
      if (!fits) found.push(`${label}: ${difference}`);
    };
    if (expected.nothing !== undefined) {
      check(!seen.receive.allowed, 'expected that it learns nothing, got that it receives the record');
      check(
        seen.receive.rule === expected.nothing,
        `expected nothing by ${expected.nothing}, got ${said(seen.receive)}`,
      );
      return found;
    }
    check(seen.receive.allowed, `expected that it receives the record, got ${said(seen.receive)}`);
    // What travels has to fit what was decided: the audience of the view is what the receiving node enforces.
    if (cell !== undefined && seen.receive.allowed)
      check(includesCell(view.audience, cell), 'the audience of the view leaves this desk out');
    for (const [facet, decision] of seen.facets) {
      const visible = expected.sees?.includes(facet) === true;
      check(
        decision.allowed === visible,
        `${facet}: expected ${visible ? 'seen' : 'withheld'}, got ${said(decision)}`,
      );
      const rule = expected.not?.[facet];
      check(
        rule === undefined || decision.rule === rule,
        `${facet}: expected ${rule}, got ${said(decision)}`,
      );
      if (expected.held !== undefined && decision.allowed && cell === undefined)
        check(
          (decision.heldUntilAccepted === true) === expected.held,
          `${facet}: expected held = ${expected.held}`,
        );
    }
    for (const facet of [...(expected.sees ?? []), ...Object.keys(expected.not ?? {})])
      check(seen.facets.has(facet), `${facet}: the kind has no such facet`);
    return found;
  }

  #arrival(record: SharedRecord, expected: Scenario['arrivals'][number]): string[] {
    const { at, from, discloses, verdict } = expected;
    const { signed } = record;
    const marking = signed.header.marking;
    const judged = this.#engineOf(at).judgeArrival(
      {
        signed,
        sender: from,
        disclosed: discloses,
        audience: { deskGroups: [], purposes: [...(marking?.purposes ?? [])] },
        ...this.#consent(expected.consent),
      },
      this.#atMs,
    );
    const got = judged.ok ? 'accepted' : reasonName(judged.reason);
    return got === verdict ? [] : [`${at} from ${from}: expected ${verdict}, got ${got}`];
  }

  #desk(record: SharedRecord, expected: Scenario['desk'][number]): string[] {
    const { at, does, facet } = expected;
    const action = DESK_ACTIONS.find((known) => known === does);
    if (action === undefined) throw invalid([`${JSON.stringify(does)} is no action of a desk`]);
    const { header } = record.signed;
    const own = header.originator === at;
    const deskGroup = deskNumber(expected.desk);
    const purpose = expected.purpose === undefined ? undefined : purposeNumber(expected.purpose);
    const decision = this.#engineOf(at).judgeDesk(
      {
        action,
        officer: {
          node: at,
          deskGroup,
          role: expected.role,
          exercise: expected.exercise,
          ...(purpose !== undefined && { purpose }),
        },
        kind: header.kind,
        record: {
          ...record,
          own,
          meant: own || this.#isMeant(record, at, { deskGroup, purpose, facet }),
          conditionAccepted:
            expected.conditionAccepted || header.marking?.handling.includes(Handling.HANDLING_H3) !== true,
          facetClass: facet === undefined ? '' : (facetOf(header.kind, facet)?.class ?? 'N'),
          evidenceConsent: expected.evidenceConsent,
          opened: expected.opened,
        },
      },
      this.#atMs,
    );
    const got = decision.allowed ? 'allowed' : decision.rule;
    return got === expected.verdict
      ? []
      : [
          `${at} ${expected.desk} ${expected.role} ${does}: expected ${expected.verdict}, got ${said(decision)}`,
        ];
  }

  /** As the receiving node knows it from the originator's view. */
  #isMeant(
    record: SharedRecord,
    at: string,
    asked: {
      readonly deskGroup: ReturnType<typeof deskNumber>;
      readonly purpose: ReturnType<typeof purposeNumber> | undefined;
      readonly facet: string | undefined;
    },
  ): boolean {
    const { deskGroup, purpose, facet } = asked;
    if (purpose === undefined) return false;
    const cell = { deskGroup, purpose };
    const view = this.#engineOf(record.signed.header.originator).viewFor(record, at, this.#releasedMs);
    if (!includesCell(view.audience, cell)) return false;
    if (facet === undefined) return true;
    const narrower = view.facetAudiences.find((entry) => entry.facet === facet)?.audience;
    return (
      view.facets.get(facet)?.allowed === true && (narrower === undefined || includesCell(narrower, cell))
    );
  }
}

/** The named record with what the scenario changes of it. */
function recordOf(file: ScenarioFile, scenario: Scenario): ScenarioRecord {
  const named = file.records[scenario.record];
  if (named === undefined)
    throw invalid([`${scenario.name}: ${JSON.stringify(scenario.record)} is no record of the file`]);
  return {
    ...named,
    marking: { ...named.marking, ...scenario.marking },
    facets: { ...named.facets, ...scenario.facets },
  };
}

const said = (decision: Decision): string =>
  `${decision.allowed ? 'seen' : 'withheld'} by ${decision.rule} (${decision.reason})`;
