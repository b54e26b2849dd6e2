/**
 * The network's baseline (rules R1, R2, R5, R7–R10, R12, R20, R21). It travels in the roster, so every node decides by
 * the same text. Only the baseline permits: marking and national policy can but forbid.
 */
const BASELINE = `
// ── R5: what a TLP means between states. No permit fits = default deny (R1): the partner learns nothing at all. ──

@id("R5-clear") @rule("R5")
@reason("TLP CLEAR is public")
permit (principal, action == Action::"receive", resource)
when { resource.tlp == "CLEAR" && principal.status == "active" };

@id("R5-green") @rule("R5")
@reason("TLP GREEN is for all active members")
permit (principal, action == Action::"receive", resource)
when { resource.tlp == "GREEN" && principal.status == "active" };

@id("R5-amber") @rule("R5")
@reason("TLP AMBER is for the agencies of a state that need to know")
permit (principal, action == Action::"receive", resource)
when { resource.tlp == "AMBER" && principal.status == "active" && principal.role != "observer" };

@id("R5-amber-strict") @rule("R5")
@reason("TLP AMBER+STRICT is for one agency: the counterpart of the one that speaks")
permit (principal, action == Action::"receive", resource)
when {
  resource.tlp == "AMBER_STRICT" && principal.status == "active" && principal.role != "observer" &&
  principal.deskGroup == resource.deskGroup
};

@id("R5-red") @rule("R5")
@reason("TLP RED is for named officers of a node that the marking names itself")
permit (principal, action == Action::"receive", resource)
when {
  resource.tlp == "RED" && principal.status == "active" && principal.role != "observer" &&
  principal.deskGroup == resource.deskGroup && resource.releasableTo.contains(principal.node)
};

@id("R5-observer") @rule("R5")
@reason("observers see TLP CLEAR and GREEN only")
forbid (principal, action == Action::"receive", resource)
when { principal.role == "observer" && !(["CLEAR", "GREEN"].contains(resource.tlp)) }
// R12: the impersonated issuer is told.
unless {
  resource.kind == "forged-euc-alert" && principal.country != "" && principal.country == resource.purportedIssuer
};

@id("R5-observer-summary") @rule("R5")
@reason("observers see facets of class S only")
forbid (principal, action == Action::"disclose", resource)
when { principal.role == "observer" && context.facet.class != "S" };

@id("R5-one-agency") @rule("R5")
@reason("TLP AMBER+STRICT and RED go to one agency, the counterpart of the one that speaks")
forbid (principal, action == Action::"receive", resource)
when { ["AMBER_STRICT", "RED"].contains(resource.tlp) && principal.deskGroup != resource.deskGroup };

@id("R5-red-by-name") @rule("R5")
@reason("TLP RED asks for {partner} by name, not by group")
forbid (principal, action == Action::"receive", resource)
when { resource.tlp == "RED" && !resource.releasableTo.contains(principal.node) }
// R12: the impersonated issuer is told.
unless {
  resource.kind == "forged-euc-alert" && principal.country != "" && principal.country == resource.purportedIssuer
};

@id("R5-public-part") @rule("R5")
@reason("of a TLP CLEAR record only class S is public; the rest is for the purposes that the marking names")
forbid (principal, action == Action::"disclose", resource)
when {
  resource.tlp == "CLEAR" && context.facet.class != "S" && !context.purposeNamed
};

// ── R7: the default disclosure table, by the recipient's purpose. ──

@id("R7-table") @rule("R7")
@reason("the disclosure table gives it for {purpose}")
permit (principal, action == Action::"disclose", resource)
when { ["S", "M", "O"].contains(context.facet.class) && context.facet.table == "yes" };

@id("R7-named") @rule("R7")
@reason("the marking names it, and the disclosure table lets it for {purpose}")
permit (principal, action == Action::"disclose", resource)
when {
  ["S", "M", "O", "A"].contains(context.facet.class) &&
  context.facet.table == "if-named" && context.facet.named
};

@id("R7-table-no") @rule("R7")
@reason("the disclosure table gives it to nobody for {purpose}")
forbid (principal, action == Action::"disclose", resource)
when { context.facet.table == "no" };

@id("R7-not-named") @rule("R7")
@reason("for {purpose} it goes only where the marking names it")
forbid (principal, action == Action::"disclose", resource)
when { context.facet.table == "if-named" && !context.facet.named };

// ── R8: personal data. ──

@id("R8-persons") @rule("R8")
@reason("personal data, to a member with adequate protection, for {purpose}")
permit (principal, action == Action::"disclose", resource)
when {
  context.facet.class == "P" && principal.groups.contains("adequate") &&
  ["INVESTIGATION", "BORDER", "IDENTIFY_OBJECT"].contains(context.purpose) &&
  (context.facet.table == "yes" || context.facet.table == "if-named" && context.facet.named)
};

@id("R8-not-adequate") @rule("R8")
@reason("personal data goes only to members of the group adequate; {partner} is none")
forbid (principal, action == Action::"disclose", resource)
when { context.facet.class == "P" && !principal.groups.contains("adequate") };

@id("R8-purpose") @rule("R8")
@reason("personal data goes only for INVESTIGATION, BORDER or IDENTIFY_OBJECT, not for {purpose}")
forbid (principal, action == Action::"disclose", resource)
when {
  context.facet.class == "P" && !(["INVESTIGATION", "BORDER", "IDENTIFY_OBJECT"].contains(context.purpose))
};

// ── R9: what never leaves. ──

@id("R9-source") @rule("R9")
@reason("what could identify a source never leaves its node")
forbid (principal, action in [Action::"disclose", Action::"deliver"], resource)
when { context.facet.class == "X" };

@id("R9-internal") @rule("R9")
@reason("internal notes and vulnerabilities never leave their node")
forbid (principal, action in [Action::"disclose", Action::"deliver"], resource)
when { context.facet.class == "N" };

@id("R9-local") @rule("R9")
@reason("a {kind} never leaves its node; warnings and taskings are made from it")
forbid (principal, action == Action::"receive", resource)
when { resource.local };

// ── R10: no lawful owners; amnesty surrenders. ──

@id("R10-owners") @rule("R10")
@reason("individual lawful owners and permit holders are not tracked")
forbid (principal, action in [Action::"disclose", Action::"deliver"], resource)
when { ["owners", "owner", "permit-holders", "permits", "possession-permits"].contains(context.facet.name) };

@id("R10b-amnesty-persons") @rule("R10")
@reason("arms surrendered under an amnesty carry no persons")
forbid (principal, action == Action::"disclose", resource)
when { resource.amnesty && context.facet.class == "P" };

@id("R10b-amnesty-trace") @rule("R10")
@reason("arms surrendered under an amnesty are not traced")
forbid (principal, action == Action::"disclose", resource)
when { resource.amnesty && context.purpose == "TRACE" && context.facet.class != "S" };

// ── R2: what the originator controls. ──

@id("R2-both-ends") @rule("R2")
@reason("a link goes only to who may know both of its ends")
forbid (principal, action == Action::"receive", resource)
when { resource.kind == "link" && !resource.endsDisclosed };

// ── R12: conflict of interest. ──

@id("R12-issuer-told") @rule("R12")
@reason("the state whose certificate is said to be forged is always told")
permit (principal, action == Action::"receive", resource)
when {
  resource.kind == "forged-euc-alert" && principal.status == "active" && principal.country != "" &&
  principal.country == resource.purportedIssuer && !resource.officialsSuspected
};

@id("R12-officials-suspected") @rule("R12")
@reason("officials of the state of {partner} are suspected")
forbid (principal, action == Action::"receive", resource)
when {
  resource.officialsSuspected && principal.country != "" && principal.country == resource.purportedIssuer
};

// ── R20, R21: suspended members; exercises. ──

@id("R20-suspended") @rule("R20")
@reason("{partner} is suspended: nothing new, recalls only")
forbid (principal, action == Action::"receive", resource)
when { principal.status == "suspended" };

@id("R21-exercise-public") @rule("R21")
@reason("an exercise is not for observers")
forbid (principal, action == Action::"receive", resource)
when { resource.exercise && principal.role == "observer" };

@id("R21-exercise-counts") @rule("R21")
@reason("an exercise does not count in statistics")
forbid (principal, action == Action::"receive", resource)
when { resource.exercise && context.purpose == "STATISTICS" };

// ── Control of the exchange: receipts, recalls, consents, disclosures go exactly to the nodes that they name. ──

@id("R1-control") @rule("R1")
@reason("addressed to {partner}")
permit (principal, action == Action::"deliver", resource)
when { principal.status == "active" && resource.releasableTo.contains(principal.node) };

@id("R20-recall") @rule("R20")
@reason("a recall reaches suspended members too")
permit (principal, action == Action::"deliver", resource)
when {
  resource.kind == "recall" && principal.status == "suspended" && resource.releasableTo.contains(principal.node)
};

@id("R20-control-suspended") @rule("R20")
@reason("{partner} is suspended: recalls only")
forbid (principal, action == Action::"deliver", resource)
when { principal.status == "suspended" && resource.kind != "recall" };

@id("R1-control-addressed") @rule("R1")
@reason("is addressed to others than {partner}")
forbid (principal, action == Action::"deliver", resource)
when { !resource.releasableTo.contains(principal.node) };
`;

/** The network baseline as shipped: the text that a new network puts in its first roster. */
export const baselinePolicy = (): string => BASELINE.trimStart();
