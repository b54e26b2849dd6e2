/** The scenarios that `tocsin policy test` runs by itself; the same text as test/vectors/policy/scenarios.yaml. */
const SCENARIOS = `# Who sees what, and by which rule: the scenarios of the sharing rules, over the fictional federation of the demo.
# Run by: tocsin policy test. All names are invented; no real person, firm, ship or port.
#
#   sharing   to a partner (as a whole, or one desk with one purpose): sees exactly these facets; 'not' names the rule
#             that withholds a facet; 'nothing' the rule by which the partner does not even learn that the record exists
#   arrivals  what a receiving node answers
#   desk      what an officer of a node may do
#   after     days after the instant 'at'
format: tocsin-scenarios/1
at: 2031-03-01T12:00:00Z

members:
  - { node: XA, name: Arvenia, country: XA, role: national, groups: [sac, adequate], desks: [police, customs, licensing, military, border] }
  - { node: XB, name: Borvania, country: XB, role: national, groups: [suppliers, adequate], desks: [police, customs, licensing, military, border] }
  - { node: XC, name: Cavelia, country: XC, role: national, groups: [sac, adequate], desks: [police, customs, licensing, military, border] }
  - { node: XD, name: Dorgia, country: XD, role: national, groups: [sac], desks: [police, customs, licensing, military, border] }
  - { node: XE, name: Estmark, country: XE, role: national, desks: [police, customs, licensing] }
  - { node: XF, name: Fenland, country: XF, role: observer, desks: [licensing, register] }
  - { node: XG, name: Gallera, country: XG, role: national, groups: [sac, adequate], desks: [police, customs, licensing, military, border] }
  - { node: XH, name: Hesperia, country: XH, role: national, groups: [suppliers, adequate], desks: [police, customs, licensing, military, border] }
  - { node: XJ, name: Jorvland, country: XJ, role: national, groups: [sac], desks: [police, customs], status: suspended, statusFrom: 10 }
  - { node: XL, name: Lurania, country: XL, role: national, groups: [sac], desks: [police, customs, licensing, military, border] }
  - { node: HG, name: Lantern, role: hub, groups: [adequate], desks: [hub] }
  - { node: HR, name: SAC Desk, role: hub, groups: [sac, adequate], desks: [hub] }
  - { node: HS, name: Pelican Line, role: hotline, groups: [sac], desks: [hotline] }
  - { node: RG, name: Register office, role: observer, desks: [register] }
  - { node: NG, name: Open Ledger, role: observer }

records:
  broker:
    originator: XA
    desk: licensing
    kind: watchlist-entry
    marking: { tlp: AMBER, handling: [H0], releasableTo: [sac], purposes: [LICENSING, INVESTIGATION] }
    facets:
      summary:
        subjectKind: WATCHLIST_SUBJECT_BROKER
        reasons: [WATCHLIST_REASON_DE_REGISTERED]
        basis: WATCHLIST_BASIS_ADMINISTRATIVE
        requestedActions: [REQUESTED_ACTION_CONSULT, REQUESTED_ACTION_REFUSE_LICENCE]
        status: WATCHLIST_STATUS_ACTIVE
        since: { year: 2031, month: 2 }
      entities:
        entities:
          - ref: e1
            names: [{ text: Marlow Kestrel Trading, type: ENTITY_NAME_TYPE_LEGAL }]
            incorporationCountry: XE
            roles: [PARTY_ROLE_BROKER]
      persons:
        persons:
          - ref: p1
            names: [{ text: Ruvel Ansgar, type: PERSON_NAME_TYPE_PRIMARY }]
            nationalities: [XA]
            roles: [PARTY_ROLE_DIRECTOR]
            entityRoles: [{ entityRef: e1, role: PARTY_ROLE_DIRECTOR }]
      internal: { notes: case notes of the licensing board }

  seizure:
    originator: XL
    desk: customs
    kind: seizure-notice
    marking: { tlp: GREEN, handling: [H0], releasableTo: [sac, suppliers, RG], purposes: [CUSTOMS_CONTROL, BORDER, INVESTIGATION, TRACE, STATISTICS] }
    facets:
      summary:
        context: SEIZURE_CONTEXT_SEIZED
        date: { year: 2031, month: 2, day: 20 }
        country: XL
        agencyType: AGENCY_TYPE_CUSTOMS
        totals: [{ category: WEAPON_CATEGORY_ASSAULT_RIFLE, quantity: 40, unit: UNIT_PIECE }]
        significant: true
        proof: PROOF_PROVEN
        status: SEIZURE_STATUS_REPORTED
      items:
        weapons:
          - line: 1
            kind: ITEM_KIND_FIREARM
            category: WEAPON_CATEGORY_ASSAULT_RIFLE
            make: Korvath Works
            model: K-7
            calibre: '7.62'
            quantity: 40
            unit: UNIT_PIECE
            state: WEAPON_STATE_COMPLETE
      identifiers:
        weapons: [{ line: 1, frameSerial: KV204417, markState: MARK_STATE_INTACT }]

  forged-certificate:
    originator: XB
    desk: licensing
    kind: forged-euc-alert
    marking: { tlp: AMBER, handling: [H0], releasableTo: [suppliers], purposes: [LICENSING, INVESTIGATION] }
    facets:
      summary:
        purportedIssuer: XD
        documentType: DOCUMENT_TYPE_EUC
        presentedTo: XB
        presentedOn: { year: 2031, month: 2, day: 11 }
        verdict: EUC_VERDICT_SUSPECTED
        totals: [{ category: WEAPON_CATEGORY_ASSAULT_RIFLE, quantity: 500, unit: UNIT_PIECE }]
      document:
        document: { type: DOCUMENT_TYPE_EUC, number: D-2031-0077, issuer: Defence stock office, issuerCountry: XD }
      forensics: { defects: [EUC_DEFECT_NUMBER_REUSED, EUC_DEFECT_STAMP_COPIED] }

  call:
    originator: HS
    desk: hotline
    kind: hotline-report
    facets:
      summary:
        reportNumber: 7Q4M2K
        channel: HOTLINE_CHANNEL_VOICE
        receivedAt: '1930125600000'
        country: XL
        language: pt
        category: HOTLINE_CATEGORY_MOVEMENT
        imminence: IMMINENCE_NOW
      content: { narrative: [{ language: en, text: Lorries without lights on the river road at night }] }

  warning:
    originator: HS
    desk: hotline
    kind: warning
    marking: { tlp: GREEN, releasableTo: [sac], purposes: [WARNING, CUSTOMS_CONTROL, BORDER, INVESTIGATION], alsoFacets: [items] }
    facets:
      summary:
        event: WARNING_EVENT_ARMS_MOVEMENT
        action: WARNING_ACTION_ALERT
        texts:
          - { language: fr, headline: 'Transport d’armes attendu', description: Convoi de nuit, instruction: Prévenir la police }
          - { language: pt, headline: Transporte de armas esperado, description: Comboio à noite, instruction: Avisar a polícia }
        urgency: URGENCY_EXPECTED
        severity: SEVERITY_SEVERE
        certainty: CERTAINTY_LIKELY
        areas: [{ description: northern districts, subdivisions: [XA-N] }]
        audience: WARNING_AUDIENCE_OFFICIALS
        effective: '1930305600000'
        expires: '1930564800000'

  recall:
    originator: XA
    desk: node
    kind: recall
    marking: { releasableTo: [XC, XJ] }
    facets:
      recall:
        target: AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
        recordId: AAAAAAAAAAAAAAAAAAAAAA==
        scope: RECALL_SCOPE_WHOLE
        reason: RECALL_REASON_DELISTED
        mustPurge: true
        deadline: '1930824000000'
        recipients: [XC, XJ]

scenarios:
  - name: a broker, to a licensing desk of the group
    number: 1
    record: broker
    sharing:
      - to: XC
        desk: licensing
        purpose: LICENSING
        sees: [summary, entities, registration, licence, legal, assessment, redress]
        not: { persons: R8, finance: R7, source: R9, internal: R9, attachments: R7, distribution: R11 }

  - name: the same broker, to the police of a state with adequate protection
    number: 2
    record: broker
    sharing:
      - to: XC
        desk: police
        purpose: INVESTIGATION
        sees: [summary, entities, registration, licence, legal, assessment, redress, persons, finance]
        not: { source: R9, internal: R9 }
      - to: XC
        sees: [summary, entities, registration, licence, legal, assessment, redress, persons, finance]

  - name: the same broker, to an observer
    number: 3
    record: broker
    sharing:
      - { to: XF, desk: licensing, purpose: LICENSING, nothing: R11 }
      - { to: XF, nothing: R11 }
      - { to: NG, nothing: R11 }

  - name: the same broker, to the police of a state without adequate protection
    number: 4
    record: broker
    sharing:
      - to: XD
        desk: police
        purpose: INVESTIGATION
        sees: [summary, entities, registration, licence, legal, assessment, redress, finance]
        not: { persons: R8, source: R9, internal: R9 }

  - name: the hub passes the broker on to XB, with and without the originator's consent
    number: 5
    record: broker
    marking: { purposes: [LICENSING, INVESTIGATION, THREAT_ANALYSIS], onward: CONSENT }
    sharing:
      - { to: XB, nothing: R11 }
      - { to: XB, by: HR, nothing: R11 }
      - to: XB
        by: HR
        consent: { facets: [summary, entities], to: [XB], expires: 30 }
        desk: licensing
        purpose: LICENSING
        sees: [summary, entities]
        not: { registration: R3, legal: R3, persons: R2 }
      - { to: XC, by: HR, nothing: R3 }
    arrivals:
      - at: XB
        from: HR
        discloses: [summary, entities]
        consent: { facets: [summary, entities], to: [XB], expires: 30 }
        verdict: accepted

  - name: the hub passes it on without a right to
    number: 6
    record: broker
    marking: { purposes: [LICENSING, INVESTIGATION, THREAT_ANALYSIS] }
    arrivals:
      - { at: XB, from: HR, discloses: [summary, entities], verdict: THIRD_PARTY_BREACH }
      - { at: XC, from: HR, discloses: [summary], verdict: THIRD_PARTY_BREACH }
      - { at: XB, from: HR, discloses: [summary, legal], consent: { facets: [summary], to: [XB], expires: 30 }, verdict: THIRD_PARTY_BREACH }
      - { at: XB, from: HR, discloses: [summary], consent: { facets: [summary], to: [XH], expires: 30 }, verdict: THIRD_PARTY_BREACH }
      - { at: XC, from: XA, discloses: [summary, source], verdict: FORBIDDEN_FACET }
      - { at: XC, from: XA, discloses: [summary, persons], verdict: accepted }
      - { at: XD, from: XA, discloses: [summary, persons], verdict: POLICY_DENIED }

  - name: a raw report stays at the hotline
    number: 8
    record: call
    sharing:
      - { to: XA, nothing: R11 }
      - { to: HR, nothing: R11 }
    desk:
      - { at: HS, desk: hotline, role: operator, purpose: WARNING, does: read, facet: summary, verdict: allowed }
      - { at: HS, desk: hotline, role: operator, purpose: WARNING, does: read, facet: source, verdict: R9 }
      - { at: HS, desk: hotline, role: operator, does: read-source, verdict: R1 }
      - { at: HS, desk: hotline, role: controller, does: read-source, verdict: allowed }

  - name: what the hotline makes of it, to the police of a state of the region
    number: 8
    record: warning
    sharing:
      - to: XA
        desk: police
        purpose: WARNING
        sees: [summary, items]
        not: { basis: R7, conveyance: R7, source: R9 }
      - { to: XB, nothing: R11 }

  - name: a public warning
    number: 9
    record: warning
    marking: { tlp: CLEAR }
    sharing:
      - to: NG
        sees: [summary]
        not: { items: R5, basis: R5, conveyance: R5, source: R5 }
      - to: XB
        desk: police
        purpose: FORENSIC
        sees: [summary]

  - name: a seizure, to the register office
    number: 10
    record: seizure
    sharing:
      - to: RG
        desk: register
        purpose: STATISTICS
        sees: [summary]
        not: { identifiers: R5, route: R5, entities: R5, persons: R5 }

  - name: a controlled delivery, before its time
    number: 12
    record: seizure
    marking: { notBefore: 14 }
    after: 3
    sharing:
      - { to: XG, nothing: R13 }
      - { to: XC, desk: police, purpose: INVESTIGATION, nothing: R13 }

  - name: a controlled delivery, after its time
    number: 12
    record: seizure
    marking: { notBefore: 14 }
    after: 15
    sharing:
      - to: XG
        desk: police
        purpose: INVESTIGATION
        sees: [summary, items, identifiers, route, entities, persons, legal, price, assessment]
        not: { source: R9, internal: R9 }

  - name: text about a lawful owner
    number: 15
    record: broker
    rejected: R10
    facets:
      redress: { rows: [{ reference: R-1, received: '1929000000000', decision: REDRESS_DECISION_KEPT, reason: the lawful owner of the rifle holds a firearms permit }] }

  - name: a forged certificate, to the state that it pretends to come from
    number: 16
    record: forged-certificate
    sharing:
      - to: XD
        desk: licensing
        purpose: LICENSING
        sees: [summary, document, entities, forensics, verification, assessment]
        not: { persons: R8, source: R9 }
      - to: XD
        sees: [summary, document, entities, forensics, verification, assessment]
        not: { persons: R8 }
      - { to: XH, desk: licensing, purpose: LICENSING, sees: [summary, document, entities, forensics, verification, assessment] }
      - { to: XC, nothing: R11 }

  - name: a forged certificate with officials suspected
    number: 17
    record: forged-certificate
    marking: { releasableTo: [suppliers, sac] }
    facets:
      summary:
        purportedIssuer: XD
        documentType: DOCUMENT_TYPE_EUC
        presentedTo: XB
        presentedOn: { year: 2031, month: 2, day: 11 }
        verdict: EUC_VERDICT_SUSPECTED
        officialComplicitySuspected: true
        totals: [{ category: WEAPON_CATEGORY_ASSAULT_RIFLE, quantity: 500, unit: UNIT_PIECE }]
      distribution: { exclusions: [XD] }
    sharing:
      - { to: XD, nothing: R12 }
      - { to: XD, desk: licensing, purpose: LICENSING, nothing: R12 }
      - { to: XC, desk: licensing, purpose: LICENSING, sees: [summary, document, entities, forensics, verification, assessment] }

  - name: an exclusion hides behind a group
    record: broker
    facets:
      distribution: { exclusions: [XG] }
    sharing:
      - { to: XG, nothing: R11 }
      - to: XC
        desk: licensing
        purpose: LICENSING
        sees: [summary, entities, registration, licence, legal, assessment, redress]
        not: { distribution: R11 }

  - name: intelligence is no evidence without consent
    number: 18
    record: broker
    marking: { handling: [H1], evidence: CONSENT }
    desk:
      - { at: XC, desk: police, role: officer, purpose: INVESTIGATION, does: read, facet: legal, verdict: allowed }
      - { at: XC, desk: police, role: officer, purpose: INVESTIGATION, does: use-as-evidence, verdict: R6 }
      - { at: XC, desk: police, role: officer, purpose: INVESTIGATION, does: use-as-evidence, evidenceConsent: true, verdict: allowed }

  - name: a condition to accept before the first read
    number: 19
    record: seizure
    marking: { handling: [H3], condition: contact the originator before inspecting the vessel }
    sharing:
      - { to: XG, sees: [summary, items, identifiers, route, entities, persons, legal, price, assessment], held: true }
    desk:
      - { at: XG, desk: customs, role: officer, purpose: CUSTOMS_CONTROL, does: read, verdict: allowed }
      - { at: XG, desk: customs, role: officer, purpose: CUSTOMS_CONTROL, does: read, facet: items, verdict: R6 }
      - { at: XG, desk: customs, role: releaser, does: accept-condition, verdict: allowed }
      - { at: XG, desk: customs, role: officer, purpose: CUSTOMS_CONTROL, does: read, facet: items, conditionAccepted: true, verdict: allowed }

  - name: an entry delisted by a court gives no hit
    number: 20
    record: broker
    facets:
      summary:
        subjectKind: WATCHLIST_SUBJECT_BROKER
        reasons: [WATCHLIST_REASON_DE_REGISTERED]
        basis: WATCHLIST_BASIS_COURT
        requestedActions: [REQUESTED_ACTION_REPORT_HIT]
        status: WATCHLIST_STATUS_DELISTED
        since: { year: 2031, month: 2 }
    desk:
      - { at: XC, desk: police, role: officer, purpose: INVESTIGATION, does: screen, verdict: R15 }
      - { at: XC, desk: police, role: officer, purpose: INVESTIGATION, does: read, facet: summary, verdict: allowed }

  - name: its recall reaches every holder, and nobody else
    number: 20
    record: recall
    sharing:
      - { to: XC, sees: [recall] }
      - { to: XG, nothing: R1 }

  - name: a suspended member gets nothing new
    number: 22
    record: broker
    after: 11
    sharing:
      - { to: XJ, nothing: R20 }
    arrivals:
      - { at: XC, from: XJ, discloses: [summary], verdict: SUSPENDED }

  - name: before the suspension takes effect
    number: 22
    record: broker
    after: 9
    sharing:
      - { to: XJ, desk: police, purpose: INVESTIGATION, sees: [summary, entities, registration, licence, legal, assessment, redress, finance] }

  - name: a suspended member still gets recalls
    number: 22
    record: recall
    after: 11
    sharing:
      - { to: XJ, sees: [recall] }

  - name: AMBER+STRICT stays with one agency
    number: 24
    record: seizure
    marking: { tlp: AMBER_STRICT }
    sharing:
      - { to: XC, desk: customs, purpose: BORDER, sees: [summary, items, identifiers, route, entities] }
      - { to: XC, desk: border, purpose: BORDER, nothing: R5 }
    desk:
      - { at: XC, desk: border, role: officer, purpose: BORDER, does: read, facet: route, verdict: R5 }
      - { at: XC, desk: customs, role: officer, purpose: BORDER, does: read, facet: route, verdict: allowed }

  - name: an emergency opens the route, not the source and not the persons
    number: 24
    record: seizure
    marking: { tlp: AMBER_STRICT }
    desk:
      - { at: XC, desk: border, role: officer, purpose: BORDER, does: break-glass, facet: route, verdict: allowed }
      - { at: XC, desk: border, role: officer, purpose: BORDER, does: break-glass, facet: persons, verdict: R17 }
      - { at: XC, desk: border, role: officer, purpose: BORDER, does: break-glass, facet: source, verdict: R17 }
      - { at: XC, desk: border, role: observer, purpose: BORDER, does: break-glass, facet: route, verdict: R1 }
      - { at: XC, desk: border, role: officer, purpose: BORDER, does: read, facet: route, opened: true, verdict: allowed }
      - { at: XC, desk: border, role: officer, purpose: BORDER, does: read, facet: persons, opened: true, verdict: R17 }
      - { at: XC, desk: border, role: officer, purpose: BORDER, does: screen, facet: route, opened: true, verdict: R5 }
      - { at: XC, desk: border, role: releaser, does: review-break-glass, verdict: R1 }
      - { at: XL, desk: customs, role: releaser, does: review-break-glass, verdict: allowed }
      - { at: XL, desk: customs, role: officer, does: review-break-glass, verdict: R1 }

  - name: an emergency opens nothing more of what was surrendered under an amnesty
    record: seizure
    facets:
      summary:
        context: SEIZURE_CONTEXT_SURRENDERED
        date: { year: 2031, month: 2, day: 20 }
        country: XL
        agencyType: AGENCY_TYPE_CUSTOMS
        totals: [{ category: WEAPON_CATEGORY_ASSAULT_RIFLE, quantity: 40, unit: UNIT_PIECE }]
        amnesty: true
        proof: PROOF_PROVEN
        status: SEIZURE_STATUS_REPORTED
    desk:
      - { at: XC, desk: police, role: officer, does: break-glass, facet: identifiers, verdict: R17 }
      - { at: XC, desk: police, role: officer, does: break-glass, facet: summary, verdict: allowed }

  - name: an overdue review leaves the summary
    record: seizure
    after: 1100
    sharing:
      - to: XC
        desk: police
        purpose: INVESTIGATION
        sees: [summary]
        not: { items: R13, persons: R13 }
    desk:
      - { at: XC, desk: police, role: officer, purpose: INVESTIGATION, does: screen, verdict: R13 }

  - name: thirty days later nothing is left
    record: seizure
    after: 1130
    sharing:
      - { to: XC, nothing: R13 }

  - name: an exercise is neither counted nor public
    record: seizure
    marking: { status: exercise }
    sharing:
      - { to: RG, nothing: R21 }
      - { to: XC, desk: customs, purpose: BORDER, sees: [summary, items, identifiers, route, entities] }
    desk:
      - { at: XC, desk: customs, role: officer, purpose: BORDER, does: screen, verdict: R21 }
      - { at: XC, desk: customs, role: officer, purpose: BORDER, does: screen, exercise: true, verdict: allowed }

  - name: arms surrendered under an amnesty are not traced
    record: seizure
    facets:
      summary:
        context: SEIZURE_CONTEXT_SURRENDERED
        date: { year: 2031, month: 2, day: 20 }
        country: XL
        agencyType: AGENCY_TYPE_POLICE
        totals: [{ category: WEAPON_CATEGORY_ASSAULT_RIFLE, quantity: 40, unit: UNIT_PIECE }]
        amnesty: true
        proof: PROOF_PROVEN
        status: SEIZURE_STATUS_REPORTED
    sharing:
      - { to: XB, desk: police, purpose: TRACE, sees: [summary], not: { identifiers: R10, items: R10 } }
      - to: XC
        desk: police
        purpose: INVESTIGATION
        sees: [summary, items, identifiers, route, entities, legal, price, assessment]
        not: { persons: R10 }

  - name: only the originator's own desk changes a record
    record: broker
    desk:
      - { at: XA, desk: licensing, role: releaser, does: release, verdict: allowed }
      - { at: XA, desk: licensing, role: officer, does: release, verdict: R1 }
      - { at: XA, desk: licensing, role: officer, does: revise, verdict: allowed }
      - { at: XA, desk: police, role: officer, does: revise, verdict: R2 }
      - { at: XC, desk: licensing, role: releaser, does: recall, verdict: R2 }
      - { at: XA, desk: licensing, role: administrator, purpose: LICENSING, does: read, verdict: R1 }
      - { at: XA, desk: police, role: officer, purpose: INVESTIGATION, does: read, facet: internal, verdict: R9 }
      - { at: XA, desk: licensing, role: officer, purpose: LICENSING, does: read, facet: internal, verdict: allowed }
      - { at: XA, desk: police, role: auditor, does: read-audit, verdict: allowed }
      - { at: XA, desk: police, role: officer, does: read-audit, verdict: R1 }

  - name: a national policy narrows, and says so
    record: broker
    national: |
      @id("N1") @reason("no commercial data to XC")
      forbid (principal, action == Action::"disclose", resource)
      when { principal.node == "XC" && context.facet.class == "M" };
      @id("N2") @reason("a permit that would widen")
      permit (principal, action, resource) when { principal.node == "XF" };
    sharing:
      - to: XC
        desk: licensing
        purpose: LICENSING
        sees: [summary, legal, assessment, redress]
        not: { entities: N1, registration: N1, licence: N1, persons: R8 }
      - { to: XF, nothing: R11 }
`;

/** Text of the shipped scenario file, format `tocsin-scenarios/1`. */
export const shippedScenarios = (): string => SCENARIOS;
