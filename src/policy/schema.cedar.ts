/** The vocabulary of policies. Everything that a policy may read stands here; what is not here cannot decide. */
export const POLICY_SCHEMA = `
// One desk group of one member: who would receive.
entity Desk = {
  // Node id, as "XA".
  node: String,
  // ISO 3166-1 alpha-2; "" for a body that belongs to no state.
  country: String,
  // Roster groups, as "sac".
  groups: Set<String>,
  // "national", "hub", "hotline" or "observer".
  role: String,
  // "active", "suspended", "expelled" or "pending".
  status: String,
  // "police", "customs", "licensing", "military", "border", "hotline", "hub", "register" or "node".
  deskGroup: String,
};

// One officer of this node.
entity Officer = {
  // Node id that the certificate names.
  node: String,
  deskGroup: String,
  // "officer", "releaser", "analyst", "operator", "controller", "administrator", "auditor" or "observer".
  role: String,
  // Whether the desk works in an exercise.
  exercise: Bool,
};

// One record, as its signed header and the few facts of its facets say that rules turn on.
entity Record = {
  kind: String,
  originator: String,
  // Desk group that speaks.
  deskGroup: String,
  // A kind that never leaves its node.
  local: Bool,
  priority: String,
  // "CLEAR", "GREEN", "AMBER", "AMBER_STRICT" or "RED".
  tlp: String,
  // "H0" to "H3".
  handling: Set<String>,
  // Node ids and groups.
  releasableTo: Set<String>,
  purposes: Set<String>,
  // "NONE", "CONSENT" or "GROUP".
  onward: String,
  // "NO", "CONSENT" or "YES".
  evidence: String,
  // Exercise or technical test.
  exercise: Bool,
  // "not-yet", "current", "review-overdue", "lapsed" (overdue by more than 30 days) or "expired".
  phase: String,
  // Node ids, groups and countries of the facet "distribution"; known to the originator's node alone.
  excluded: Set<String>,
  // Country whose certificate is said to be forged; "" in other kinds.
  purportedIssuer: String,
  // That country's officials are suspected.
  officialsSuspected: Bool,
  // Surrendered under an amnesty.
  amnesty: Bool,
  // False for a watchlist entry that is suspended or delisted; true for every other record.
  listed: Bool,
  // A watchlist entry that is screened and not shown: who meets it is told nothing, its originator is told who asked (R16).
  refer: Bool,
  // A tasking that tells an originator who met such an entry.
  referral: Bool,
  // False for a link where one of its ends is not disclosed to this partner.
  endsDisclosed: Bool,
  // This node is not the originator.
  forwarded: Bool,
  // The originator's consent names this partner.
  consented: Bool,
};

// This node's own affairs: drafts not yet records, logs, links.
entity Node = { node: String };

type Facet = {
  name: String,
  // S summary, O operational, M commercial, P personal, X source, N internal, A attachments.
  "class": String,
  // What the disclosure table says for the purpose: "yes", "if-named" or "no".
  table: String,
  // The marking names the facet.
  named: Bool,
  // The originator's consent names the facet.
  consented: Bool,
};

// Learn that the record exists.
action receive appliesTo { principal: Desk, resource: Record, context: { purpose: String } };
// See one facet.
action disclose appliesTo { principal: Desk, resource: Record, context: {
  purpose: String,
  // The marking names the purpose.
  purposeNamed: Bool,
  facet: Facet,
} };
// Get a record that controls the exchange: receipt, recall, consent, disclosure. National policy has no say in it.
action deliver appliesTo { principal: Desk, resource: Record, context: { facet: Facet } };

// What an officer does with one record.
action read, screen, count, "use-as-evidence", release, recall, revise, "consent-onward", "accept-condition",
  forward, "ask-consent", "ask-originator", answer, preview, explain, "break-glass", "review-break-glass"
  appliesTo { principal: Officer, resource: Record, context: {
    purpose: String,
    // This node is the originator.
    own: Bool,
    // The sender meant the record for this desk group and purpose; always true for own records.
    meant: Bool,
    // Class of the facet in question; "" for the record as such.
    facetClass: String,
    // The condition of handling code H3 is accepted, or there is none.
    conditionAccepted: Bool,
    // The originator consented to the use in court.
    evidenceConsent: Bool,
    // Asked under break-glass: to open the facet, or to read what this officer opened (R17).
    opened: Bool,
  } };
// Read a facet of class X of this node's own record.
action "read-source" appliesTo { principal: Officer, resource: Record, context: { own: Bool } };
// Write a draft of a kind, or hand it to a releaser.
action draft, submit appliesTo { principal: Officer, resource: Node, context: { kind: String, control: Bool } };
// Look around.
action search, work, "link-status", "log-status", "read-audit", "read-policy", "screen-private", "approve-private",
  administer
  appliesTo { principal: Officer, resource: Node, context: {} };
`;
