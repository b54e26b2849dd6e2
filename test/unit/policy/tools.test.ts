import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DeskGroup, Purpose } from '../../../src/gen/tocsin/record/v1/marking.ts';
import { baselinePolicy } from '../../../src/policy/baseline.cedar.ts';
import { checkPolicies } from '../../../src/policy/check.ts';
import { DESK_POLICY } from '../../../src/policy/desk.cedar.ts';
import { purposesOf } from '../../../src/policy/desk-purposes.ts';
import { diffPolicies } from '../../../src/policy/diff.ts';
import { tableAnswer } from '../../../src/policy/disclosure-table.ts';
import { readPolicies, validatePolicies } from '../../../src/policy/engine.ts';
import { PolicyError } from '../../../src/policy/errors.ts';
import { MARKING_POLICY } from '../../../src/policy/marking.cedar.ts';
import { NATIONAL_TEMPLATES, nationalTemplate } from '../../../src/policy/national-templates.ts';
import { runScenarios } from '../../../src/policy/scenario.ts';
import { shippedScenarios } from '../../../src/policy/shipped-scenarios.ts';
import { KINDS } from '../../../src/record/index.ts';
import { AT, engine, recordNamed } from './fixtures.ts';

const forbid = (id: string, condition: string) =>
  `@id("${id}") @reason("because") forbid (principal, action == Action::"disclose", resource) when { ${condition} };`;

describe('policy check', () => {
  it('finds no fault in what is shipped', () => {
    expect(checkPolicies(baselinePolicy(), { layer: 'baseline' })).toEqual([]);
    for (const name of NATIONAL_TEMPLATES) expect(checkPolicies(nationalTemplate(name))).toEqual([]);
    for (const [layer, text] of [
      ['marking', MARKING_POLICY],
      ['desk', DESK_POLICY],
    ] as const) {
      const { policies, faults } = readPolicies(text, layer);
      expect(faults).toEqual([]);
      expect(validatePolicies(text, policies)).toEqual([]);
      for (const policy of policies) {
        expect(policy.rule, policy.id).toMatch(/^R\d+$/);
        expect(policy.reason, policy.id).not.toBe(`policy ${policy.id}`);
        if (layer === 'marking') expect(policy.effect).toBe('forbid');
      }
    }
  });

  it('covers the rules that this version promises, and the README names each', () => {
    const policies = [
      ...readPolicies(baselinePolicy(), 'baseline').policies,
      ...readPolicies(MARKING_POLICY, 'marking').policies,
      ...readPolicies(DESK_POLICY, 'desk').policies,
    ];
    const rules = new Set(policies.map((policy) => policy.rule));
    const readme = readFileSync(new URL('../../../src/policy/README.md', import.meta.url), 'utf8');
    for (const number of [1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 17, 20, 21])
      expect(rules).toContain(`R${number}`);
    for (const rule of rules) expect(readme).toMatch(new RegExp(`^\\| ${rule} +\\|`, 'm'));
    expect(new Set(policies.map((policy) => policy.key)).size).toBe(policies.length);
  });

  it('reports every syntax error with its place', () => {
    const faults = checkPolicies('// é\npermit (principal, action, resource) when { 1 + };\n\nforbid (');
    expect(faults.map(({ code, line }) => [code, line])).toEqual([
      ['SYNTAX', 2],
      ['SYNTAX', 4],
    ]);
    expect(faults[0]?.column).toBe(49);
  });

  it('counts bytes, not characters: the place is right behind other scripts', () => {
    const text = `// Ελληνικά, кириллица\n${forbid('N1', 'principal.nod == "XA"')}`;
    const [fault] = checkPolicies(text);
    expect(fault).toMatchObject({ code: 'SCHEMA', severity: 'error', policyId: 'N1', line: 2 });
    expect(text.split('\n')[1]?.slice((fault?.column ?? 0) - 1)).toMatch(/^principal\.nod/);
  });

  it.each([
    [
      'NO_ID',
      'error',
      'forbid (principal, action == Action::"disclose", resource) when { context.facet.named };',
    ],
    [
      'NO_REASON',
      'error',
      '@id("N") forbid (principal, action == Action::"disclose", resource) when { context.facet.named };',
    ],
    [
      'ID_FORM',
      'error',
      '@id("N 1") @reason("r") forbid (principal, action == Action::"disclose", resource) when { context.facet.named };',
    ],
    ['ID_TWICE', 'error', `${forbid('N', 'context.facet.named')}\n${forbid('N', 'context.facet.named')}`],
    [
      'ENTITY_ID',
      'error',
      '@id("N") @reason("r") forbid (principal == Desk::"XA", action == Action::"disclose", resource);',
    ],
    ['SCHEMA', 'error', forbid('N', 'principal.age > 3')],
    ['SCHEMA', 'error', '@id("N") @reason("r") forbid (principal, action == Action::"publish", resource);'],
    ['UNREACHABLE', 'warning', forbid('N', 'false')],
    ['UNKNOWN_WORD', 'warning', forbid('N', 'resource.tlp == "AMBRE"')],
    [
      'PERMIT_HAS_NO_EFFECT',
      'warning',
      '@id("N") @reason("r") permit (principal, action == Action::"receive", resource) when { principal.node == "XA" };',
    ],
    ['PERMIT_UNCONDITIONAL', 'warning', '@id("N") @reason("r") permit (principal, action, resource);'],
    ['FORBID_UNCONDITIONAL', 'warning', '@id("N") @reason("r") forbid (principal, action, resource);'],
    ['NOT_UTF8', 'error', '// \ud800'],
    ['TOO_LARGE', 'error', `// ${'x'.repeat(300_000)}`],
  ])('%s (%s)', (code, severity, text) => {
    const faults = checkPolicies(text);
    expect(faults).toContainEqual(expect.objectContaining({ code, severity }));
  });

  it('a baseline must permit something, name its rules, and not permit everything', () => {
    const codes = (text: string) => checkPolicies(text, { layer: 'baseline' }).map((fault) => fault.code);
    expect(codes('')).toEqual(['EMPTY']);
    expect(checkPolicies('')).toEqual([]);
    expect(codes('@id("B") @reason("r") permit (principal, action, resource);')).toEqual(
      expect.arrayContaining(['NO_RULE', 'PERMIT_UNCONDITIONAL']),
    );
  });

  it('an engine refuses faulty texts, with all faults of both', () => {
    const make = () => engine({ baseline: 'permit (', national: forbid('N', 'principal.age > 3') });
    expect(make).toThrow(PolicyError);
    try {
      make();
    } catch (error) {
      expect(error instanceof PolicyError && error.faults.map((fault) => fault.code)).toEqual([
        'SYNTAX',
        'SCHEMA',
      ]);
      expect(error).toMatchObject({ code: 'POLICY_INVALID' });
    }
    expect(() => engine({ self: 'ZZ' })).toThrow(/expected ZZ among the members/);
  });
});

describe('policy diff', () => {
  const plain = engine();

  it('tells what becomes visible or hidden, to whom and by which rule', () => {
    const corpus = [recordNamed('broker'), recordNamed('broker', { marking: { purposes: ['LICENSING'] } })];
    const strict = engine({
      national: forbid('N1', 'context.facet.name == "legal" && principal.node == "XC"'),
    });
    const changes = [...diffPolicies(plain, strict, corpus, AT)];
    expect(changes.map(({ partner, facet, change, after }) => [partner, facet, change, after.rule])).toEqual([
      ['XC', 'legal', 'newly-hidden', 'N1'],
      ['XC', 'legal', 'newly-hidden', 'N1'],
    ]);
    expect([...diffPolicies(strict, plain, corpus, AT)].map((change) => change.change)).toEqual([
      'newly-visible',
      'newly-visible',
    ]);
    expect([...diffPolicies(plain, plain, corpus, AT)]).toEqual([]);
  });

  it('names the record’s existence by an empty facet', () => {
    const closed = engine({
      national:
        '@id("N1") @reason("r") forbid (principal, action == Action::"receive", resource) when { principal.node == "XL" };',
    });
    const [first] = diffPolicies(plain, closed, [recordNamed('broker')], AT);
    expect(first).toMatchObject({ partner: 'XL', facet: '', change: 'newly-hidden' });
  });
});

describe('policy test', () => {
  const vector = readFileSync(new URL('../../vectors/policy/scenarios.yaml', import.meta.url), 'utf8');

  it('ships the scenarios of the vectors', () => {
    expect(shippedScenarios()).toBe(vector);
  });

  const results = runScenarios(vector);
  it.each(results.map((result) => [`${result.number ?? '–'} ${result.name}`, result.differences] as const))(
    '%s',
    (_name, differences) => {
      expect(differences).toEqual([]);
    },
  );

  it('covers at least 16 scenarios of the domain', () => {
    expect(new Set(results.flatMap((result) => result.number ?? [])).size).toBeGreaterThanOrEqual(16);
  });

  it('says what differs, and by which rule', () => {
    const narrowed = runScenarios(vector, {
      national:
        '@id("N9") @reason("nothing to XC") forbid (principal, action == Action::"receive", resource) when { principal.node == "XC" };',
    }).filter((result) => !result.passed);
    expect(narrowed.length).toBeGreaterThan(3);
    expect(narrowed[0]?.differences[0]).toBe(
      'XC licensing LICENSING: expected that it receives the record, got withheld by N9 (nothing to XC)',
    );
  });

  it.each([
    ['a file that is no YAML', 'format: [', /expected YAML/],
    ['another format', vector.replace('tocsin-scenarios/1', 'tocsin-scenarios/2'), /format/],
    ['an unknown key', vector.replace('    record: broker\n', '    recrod: broker\n'), /recrod/],
    [
      'an unknown record',
      vector.replace('    record: broker\n', '    record: nobody\n'),
      /is no record of the file/,
    ],
    [
      'an unknown word',
      vector.replace('purpose: LICENSING', 'purpose: LICENCING'),
      /is no word of the policies/,
    ],
    ['a large file', `# ${'x'.repeat(1_100_000)}`, /at most/],
  ])('refuses %s', (_name, text, message) => {
    expect(() => runScenarios(text)).toThrow(message);
  });
});

describe('tables', () => {
  const people = [1, 2, 3, 4, 5, 6, 7, 8] as DeskGroup[];
  const purposes = Object.values(Purpose).filter((purpose) => purpose > 0);

  it('every desk group of people has a purpose, every purpose a desk group, the node itself none', () => {
    for (const group of people) expect(purposesOf(group).length).toBeGreaterThan(0);
    const all = new Set(people.flatMap((group) => [...purposesOf(group)]));
    for (const purpose of purposes) expect(all).toContain(purpose);
    expect(purposesOf(DeskGroup.DESK_GROUP_NODE)).toEqual([]);
  });

  it('every facet of every kind has an answer for every purpose; class X and N always no; an unknown purpose no', () => {
    for (const kind of KINDS.values())
      for (const facet of kind.facets) {
        for (const purpose of purposes) {
          const answer = tableAnswer(facet.name, facet.class, purpose);
          expect(['yes', 'if-named', 'no']).toContain(answer);
          if (facet.class === 'X' || facet.class === 'N') expect(answer).toBe('no');
        }
        expect(tableAnswer(facet.name, facet.class, 99 as Purpose)).toBe('no');
      }
  });

  it.each([
    ['identifiers', 'O', Purpose.PURPOSE_LICENSING, 'if-named'],
    ['identifiers', 'O', Purpose.PURPOSE_TRACE, 'yes'],
    ['registration', 'M', Purpose.PURPOSE_BORDER, 'no'],
    ['document', 'M', Purpose.PURPOSE_BORDER, 'yes'],
    ['finance', 'O', Purpose.PURPOSE_LICENSING, 'no'],
    ['finance', 'O', Purpose.PURPOSE_INVESTIGATION, 'yes'],
    ['finance', 'O', Purpose.PURPOSE_THREAT_ANALYSIS, 'if-named'],
    ['persons', 'P', Purpose.PURPOSE_BORDER, 'if-named'],
    ['items', 'O', Purpose.PURPOSE_WARNING, 'if-named'],
    ['legal', 'O', Purpose.PURPOSE_CUSTOMS_CONTROL, 'if-named'],
    ['items', 'O', Purpose.PURPOSE_STATISTICS, 'no'],
  ] as const)('%s (%s) for purpose %i: %s', (facet, facetClass, purpose, answer) => {
    expect(tableAnswer(facet, facetClass, purpose)).toBe(answer);
  });
});
