/**
 * The originator's marking (rules R3, R6, R7, R11, R13). Part of the program, not of a roster: no majority of members
 * can vote an originator's conditions away. Forbids only.
 */
export const MARKING_POLICY = `
// ── R11: releasability by positive groups; exclusions stay hidden. ──

@id("R11-not-releasable") @rule("R11")
@reason("not releasable to {partner}")
forbid (principal, action == Action::"receive", resource)
unless {
  resource.tlp == "CLEAR" ||
  resource.releasableTo.contains(principal.node) ||
  resource.releasableTo.containsAny(principal.groups) ||
  // R12: the impersonated issuer is told, whoever else is.
  resource.kind == "forged-euc-alert" && principal.country != "" && principal.country == resource.purportedIssuer ||
  // R3: the originator's consent names the partner.
  resource.forwarded && resource.consented
};

@id("R11-excluded") @rule("R11")
@reason("the originator excludes {partner}")
forbid (principal, action == Action::"receive", resource)
when {
  resource.excluded.contains(principal.node) || resource.excluded.contains(principal.country) ||
  resource.excluded.containsAny(principal.groups)
};

@id("R11-distribution") @rule("R11")
@reason("exclusions and consents go only to who may pass the record on")
forbid (principal, action == Action::"disclose", resource)
when { context.facet.name == "distribution" && resource.onward != "GROUP" };

// ── R7: purposes. ──

@id("R7-purpose") @rule("R7")
@reason("the marking does not name the purpose {purpose}")
forbid (principal, action == Action::"receive", resource)
unless { resource.tlp == "CLEAR" || resource.purposes.contains(context.purpose) };

// ── R3, R6: passing on what another originated. ──

@id("R3-no-onward-right") @rule("R3")
@reason("the originator lets nobody pass it on to {partner}")
forbid (principal, action == Action::"receive", resource)
when { resource.forwarded && !resource.consented && resource.onward != "GROUP" };

@id("R6-h2") @rule("R6")
@reason("handling code H2: no dissemination without the originator's consent")
forbid (principal, action == Action::"receive", resource)
when { resource.forwarded && !resource.consented && resource.handling.contains("H2") };

@id("R3-facet-not-consented") @rule("R3")
@reason("the originator's consent does not name this facet")
forbid (principal, action == Action::"disclose", resource)
when { resource.forwarded && resource.consented && !context.facet.consented };

// ── R13: time. ──

@id("R13-not-yet") @rule("R13")
@reason("not before the time that the marking sets")
forbid (principal, action == Action::"receive", resource)
when { resource.phase == "not-yet" };

@id("R13-expired") @rule("R13")
@reason("expired")
forbid (principal, action == Action::"receive", resource)
when { resource.phase == "expired" };

@id("R13-lapsed") @rule("R13")
@reason("its review is more than 30 days overdue")
forbid (principal, action == Action::"receive", resource)
when { resource.phase == "lapsed" };

@id("R13-summary-only") @rule("R13")
@reason("its review is overdue: the summary only")
forbid (principal, action == Action::"disclose", resource)
when { resource.phase == "review-overdue" && context.facet.name != "summary" };
`;
