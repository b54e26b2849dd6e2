/**
 * What an officer may do at this node's own desk (rules R2, R4–R6, R13, R15, R21 and the roles of the domain page, §4.1). Who
 * drafted a record and who releases it are compared in `lifecycle` (four eyes); here stands whether the role may at all.
 */
export const DESK_POLICY = `
// ── Reading. Administrator and auditor have no permit: neither reads content by virtue of the role. ──

@id("desk-read") @rule("R4")
@reason("desk officers read what is meant for their desk group and purpose")
permit (principal, action in [Action::"read", Action::"screen", Action::"preview"], resource)
when { ["officer", "releaser", "analyst", "operator", "controller"].contains(principal.role) };

@id("desk-count") @rule("R4")
@reason("desk officers and observers count")
permit (principal, action == Action::"count", resource)
when { ["officer", "releaser", "analyst", "controller", "observer"].contains(principal.role) };

@id("desk-observer-read") @rule("R5")
@reason("observers read TLP CLEAR and GREEN, class S")
permit (principal, action == Action::"read", resource)
when {
  principal.role == "observer" && ["CLEAR", "GREEN"].contains(resource.tlp) && ["", "S"].contains(context.facetClass)
};

@id("R4-not-meant") @rule("R4")
@reason("not meant for this desk group and purpose")
forbid (principal, action in [Action::"read", Action::"screen", Action::"count", Action::"use-as-evidence",
  Action::"forward", Action::"ask-consent", Action::"ask-originator"], resource)
when { !context.own && !context.meant && !context.opened };

@id("R5-desk-one-agency") @rule("R5")
@reason("TLP AMBER+STRICT and RED stay within the agency that speaks, and its counterparts")
forbid (principal, action in [Action::"read", Action::"screen", Action::"preview", Action::"release",
  Action::"revise", Action::"recall"], resource)
when {
  ["AMBER_STRICT", "RED"].contains(resource.tlp) && principal.deskGroup != resource.deskGroup && !context.opened
};

@id("R5-desk-red") @rule("R5")
@reason("TLP RED is for named officers: until they are named, the releaser or controller alone")
forbid (principal, action in [Action::"read", Action::"screen"], resource)
when {
  resource.tlp == "RED" && !context.own && !(["releaser", "controller"].contains(principal.role)) && !context.opened
};

@id("desk-source") @rule("R9")
@reason("what identifies a source is not read but by the controller of a hotline or the releaser of the desk that holds it")
forbid (principal, action == Action::"read", resource)
when { context.facetClass == "X" };

@id("desk-internal") @rule("R9")
@reason("internal notes are for the desk that wrote them")
forbid (principal, action == Action::"read", resource)
when { context.facetClass == "N" && (!context.own || principal.deskGroup != resource.deskGroup) };

@id("desk-read-source") @rule("R9")
@reason("the controller of a hotline, or the releaser of the desk that wrote it, reads the source")
permit (principal, action == Action::"read-source", resource)
when {
  context.own && principal.deskGroup == resource.deskGroup &&
  (principal.role == "controller" || principal.role == "releaser" && resource.kind != "hotline-report")
};

@id("desk-hotline-report") @rule("R9")
@reason("raw reports are for the hotline's own desk")
forbid (principal, action in [Action::"read", Action::"screen", Action::"count", Action::"preview"], resource)
when { resource.kind == "hotline-report" && principal.deskGroup != "hotline" };

@id("R6-condition") @rule("R6")
@reason("handling code H3: held back until its condition is accepted")
forbid (principal, action in [Action::"read", Action::"screen", Action::"use-as-evidence", Action::"break-glass"],
  resource)
when { !context.own && !context.conditionAccepted && context.facetClass != "" };

@id("R16-refer") @rule("R16")
@reason("it is screened and not shown: who meets it learns nothing, its originator learns who asked")
forbid (principal, action in [Action::"read", Action::"count", Action::"use-as-evidence", Action::"accept-condition",
  Action::"forward", Action::"ask-consent", Action::"ask-originator", Action::"break-glass"], resource)
when { resource.refer && !context.own };

@id("R16-referral") @rule("R16")
@reason("that its originator was told is not shown where somebody asked")
forbid (principal, action in [Action::"read", Action::"screen", Action::"count"], resource)
when { resource.referral && context.own };

// ── Explaining: which facets there are, who gets them and by which rule; nothing of what they say. ──

@id("desk-explain") @rule("R4")
@reason("administrators and auditors have any decision about an own record explained")
permit (principal, action == Action::"explain", resource)
when { ["administrator", "auditor"].contains(principal.role) };

@id("R2-explain") @rule("R2")
@reason("what others see of a partner's record its originator decides")
forbid (principal, action == Action::"explain", resource)
when { !context.own };

// ── Break-glass: what is not meant for this desk, in an emergency. It opens what R4 and R5 keep, and nothing else. ──

@id("desk-break-glass") @rule("R17")
@reason("a named officer opens facets in an emergency, of class S, M or O")
permit (principal, action == Action::"break-glass", resource)
when {
  ["officer", "releaser", "analyst", "operator", "controller"].contains(principal.role) &&
  ["", "S", "M", "O"].contains(context.facetClass)
};

@id("desk-review-break-glass") @rule("R17")
@reason("a releaser or controller of the desk group that spoke reviews an opening")
permit (principal, action == Action::"review-break-glass", resource)
when {
  ["releaser", "controller"].contains(principal.role) && context.own && principal.deskGroup == resource.deskGroup
};

@id("R17-class") @rule("R17")
@reason("an emergency opens class S, M and O; never a source, an internal note, a person or a file")
forbid (principal, action in [Action::"break-glass", Action::"read"], resource)
when { context.opened && !(["", "S", "M", "O"].contains(context.facetClass)) };

@id("R17-owners") @rule("R17")
@reason("of arms surrendered under an amnesty nothing more than their summary is opened (R10)")
forbid (principal, action in [Action::"break-glass", Action::"read"], resource)
when { context.opened && resource.amnesty && !(["", "S"].contains(context.facetClass)) };

@id("R17-hotline") @rule("R17")
@reason("raw reports are for the hotline's own desk, in an emergency too: it makes a warning of them")
forbid (principal, action == Action::"break-glass", resource)
when { resource.kind == "hotline-report" && principal.deskGroup != "hotline" };

// ── Redress. ──

@id("R7-redress") @rule("R7")
@reason("who asks for redress is read for REDRESS alone")
forbid (principal, action in [Action::"read", Action::"screen"], resource)
when { resource.kind == "redress-request" && context.facetClass == "P" && context.purpose != "REDRESS" };

// ── Use in court. ──

@id("desk-evidence") @rule("R6")
@reason("the marking lets it be used as evidence")
permit (principal, action == Action::"use-as-evidence", resource)
when { ["officer", "releaser"].contains(principal.role) };

@id("R6-evidence-no") @rule("R6")
@reason("the originator excludes use as evidence")
forbid (principal, action == Action::"use-as-evidence", resource)
when { !context.own && resource.evidence == "NO" };

@id("R6-evidence-consent") @rule("R6")
@reason("use as evidence asks for the originator's consent")
forbid (principal, action == Action::"use-as-evidence", resource)
when {
  !context.own && !context.evidenceConsent && (resource.evidence != "YES" || resource.handling.contains("H1"))
};

// ── Writing and letting go. ──

@id("desk-draft") @rule("R4")
@reason("desk officers and releasers draft")
permit (principal, action in [Action::"draft", Action::"submit"], resource)
when { ["officer", "releaser"].contains(principal.role) && context.kind != "hotline-report" };

@id("desk-draft-analyst") @rule("R4")
@reason("hub analysts draft warnings, links and alerts of their own; they do not edit others' records")
permit (principal, action in [Action::"draft", Action::"submit"], resource)
when { principal.role == "analyst" && context.kind != "hotline-report" && !context.control };

@id("desk-draft-hotline") @rule("R4")
@reason("hotline operators and controllers take reports and draft warnings")
permit (principal, action in [Action::"draft", Action::"submit"], resource)
when {
  ["operator", "controller"].contains(principal.role) && ["", "hotline-report", "warning", "link"].contains(context.kind)
};

@id("R4-reference-table") @rule("R4")
@reason("what nodes work by is drafted by a hub, a licensing desk or the police")
forbid (principal, action in [Action::"draft", Action::"submit"], resource)
when { context.kind == "reference-table" && !(["hub", "licensing", "police"].contains(principal.deskGroup)) };

@id("desk-release") @rule("R4")
@reason("releasers and hotline controllers release, recall, revise and consent")
permit (principal, action in [Action::"release", Action::"recall", Action::"consent-onward", Action::"accept-condition"],
  resource)
when { ["releaser", "controller"].contains(principal.role) };

@id("desk-forward") @rule("R4")
@reason("releasers, hotline controllers and hub analysts pass on what originators permit")
permit (principal, action == Action::"forward", resource)
when { ["releaser", "controller", "analyst"].contains(principal.role) };

@id("desk-ask-consent") @rule("R4")
@reason("who reads a partner's record may ask for a consent")
permit (principal, action == Action::"ask-consent", resource)
when { ["officer", "releaser", "analyst", "controller"].contains(principal.role) };

@id("desk-ask-originator") @rule("R4")
@reason("who works with a partner's record may ask its originator")
permit (principal, action == Action::"ask-originator", resource)
when { ["officer", "releaser", "analyst", "controller"].contains(principal.role) };

@id("desk-answer") @rule("R4")
@reason("desk officers answer what is asked about their records")
permit (principal, action == Action::"answer", resource)
when { ["officer", "releaser", "analyst", "controller"].contains(principal.role) };

@id("R2-not-own") @rule("R2")
@reason("of our own records the marking decides who gets them")
forbid (principal, action in [Action::"forward", Action::"ask-consent", Action::"ask-originator"], resource)
when { context.own };

@id("desk-revise") @rule("R4")
@reason("who may draft may draft a revision")
permit (principal, action == Action::"revise", resource)
when { ["officer", "releaser", "analyst", "operator", "controller"].contains(principal.role) };

@id("R2-originator-only") @rule("R2")
@reason("only the originator revises, recalls, releases or consents")
forbid (principal, action in [Action::"revise", Action::"recall", Action::"release", Action::"consent-onward",
  Action::"answer"], resource)
when { !context.own || principal.node != resource.originator };

@id("R2-own-desk") @rule("R2")
@reason("only the desk group that spoke changes what it said, and answers about it")
forbid (principal, action in [Action::"revise", Action::"recall", Action::"answer"], resource)
when { principal.deskGroup != resource.deskGroup };

// ── Looking around. ──

@id("desk-search") @rule("R4")
@reason("desk officers and observers search; each hit is judged by itself")
permit (principal, action == Action::"search", resource)
when { ["officer", "releaser", "analyst", "operator", "controller", "observer"].contains(principal.role) };

@id("desk-work") @rule("R4")
@reason("who works at a desk sees its drafts and duties, and acknowledges what came for it")
permit (principal, action == Action::"work", resource)
when { ["officer", "releaser", "analyst", "operator", "controller"].contains(principal.role) };

@id("R4-house") @rule("R4")
@reason("operators and controllers work at a hotline, analysts at a hub, and nowhere else; officers and releasers not at a hotline")
forbid (principal, action, resource)
when {
  ["operator", "controller"].contains(principal.role) && principal.deskGroup != "hotline" ||
  ["officer", "releaser"].contains(principal.role) && principal.deskGroup == "hotline" ||
  principal.role == "analyst" && principal.deskGroup != "hub"
};

@id("R4-hotline") @rule("R4")
@reason("a controller releases and consents for the hotline alone")
forbid (principal, action in [Action::"release", Action::"consent-onward"], resource)
when { principal.role == "controller" && resource.deskGroup != "hotline" };

@id("desk-screen-private") @rule("R4")
@reason("who may ask an originator may ask partners in private; a second officer approves each question")
permit (principal, action == Action::"screen-private", resource)
when { ["officer", "releaser", "analyst", "controller"].contains(principal.role) };

@id("desk-approve-private") @rule("R4")
@reason("releasers and hotline controllers approve what leaves the node")
permit (principal, action == Action::"approve-private", resource)
when { ["releaser", "controller"].contains(principal.role) };

@id("R21-private") @rule("R21")
@reason("partners list live entries alone: an exercise asks nobody in private")
forbid (principal, action in [Action::"screen-private", Action::"approve-private"], resource)
when { principal.exercise };

@id("desk-status") @rule("R4")
@reason("links and logs are seen by all but observers")
permit (principal, action in [Action::"link-status", Action::"log-status"], resource)
when { principal.role != "observer" };

@id("desk-audit") @rule("R4")
@reason("auditors read all logs and decisions")
permit (principal, action == Action::"read-audit", resource)
when { principal.role == "auditor" };

@id("desk-read-policy") @rule("R4")
@reason("administrators and auditors read the policies in force and what is proposed")
permit (principal, action == Action::"read-policy", resource)
when { ["administrator", "auditor"].contains(principal.role) };

@id("desk-administer") @rule("R4")
@reason("administrators see to users, groups, policy and keys")
permit (principal, action == Action::"administer", resource)
when { principal.role == "administrator" };

// ── R13, R15, R21. ──

@id("R13-desk-over") @rule("R13")
@reason("its time is over: expired, or its review is more than 30 days overdue")
forbid (principal, action in [Action::"read", Action::"screen", Action::"count", Action::"use-as-evidence",
  Action::"break-glass"], resource)
when { !context.own && ["lapsed", "expired"].contains(resource.phase) };

@id("R13-desk-screen") @rule("R13")
@reason("its review is overdue: out of screening")
forbid (principal, action == Action::"screen", resource)
when { resource.phase != "current" };

@id("R13-desk-summary") @rule("R13")
@reason("its review is overdue: class S only")
forbid (principal, action in [Action::"read", Action::"break-glass"], resource)
when { !context.own && resource.phase == "review-overdue" && !(["", "S"].contains(context.facetClass)) };

@id("R15-not-listed") @rule("R15")
@reason("the entry is suspended or delisted: no hit")
forbid (principal, action == Action::"screen", resource)
when { !resource.listed };

@id("R21-desk") @rule("R21")
@reason("exercise and live never meet: the desk works in the other world")
forbid (principal, action in [Action::"read", Action::"read-source", Action::"screen", Action::"count",
  Action::"use-as-evidence", Action::"preview", Action::"release", Action::"recall", Action::"revise",
  Action::"consent-onward", Action::"accept-condition", Action::"explain", Action::"break-glass",
  Action::"review-break-glass"], resource)
when { principal.exercise != resource.exercise };
`;
