/** Texts that a state starts its own policy from. A national policy only narrows: it consists of `forbid`. */

const STANDARD = `
// National policy, template 'standard'. The network's baseline and each record's marking hold in any case; here a state
// says what it keeps back beyond them. Only 'forbid' has an effect. Check with: tocsin policy check FILE

@id("N1-account-data") @reason("data of accounts goes for INVESTIGATION only")
forbid (principal, action == Action::"disclose", resource)
when { context.facet.name == "finance" && context.purpose != "INVESTIGATION" };

@id("N2-persons-to-states") @reason("personal data goes to states, not to hubs or other bodies")
forbid (principal, action == Action::"disclose", resource)
when { context.facet.class == "P" && principal.role != "national" };

// More, to be adapted:
// @id("N3-not-to-XG") @reason("no identifiers to XG until the agreement of 2031 is in force")
// forbid (principal, action == Action::"disclose", resource)
// when { principal.node == "XG" && context.facet.name == "identifiers" };
`;

const STRICT = `
// National policy, template 'strict': the start of a new member. Open it step by step, and see with
// 'tocsin policy diff OLD NEW' what becomes visible to whom before a change is put in force.

@id("N1-no-account-data") @reason("data of accounts stays here; ask by tasking")
forbid (principal, action == Action::"disclose", resource)
when { context.facet.name == "finance" };

@id("N2-persons-for-investigation") @reason("personal data goes to police of states, for INVESTIGATION only")
forbid (principal, action == Action::"disclose", resource)
when {
  context.facet.class == "P" &&
  (principal.role != "national" || principal.deskGroup != "police" || context.purpose != "INVESTIGATION")
};

@id("N3-no-attachments") @reason("attachments stay here; ask by tasking")
forbid (principal, action == Action::"disclose", resource)
when { context.facet.class == "A" };

@id("N4-observers-public") @reason("observers get TLP CLEAR only")
forbid (principal, action == Action::"receive", resource)
when { principal.role == "observer" && resource.tlp != "CLEAR" };

@id("N5-commercial-for-licensing") @reason("commercial data goes for LICENSING, SECURITY_CHECK or INVESTIGATION only")
forbid (principal, action == Action::"disclose", resource)
when {
  context.facet.class == "M" && !(["LICENSING", "SECURITY_CHECK", "INVESTIGATION"].contains(context.purpose))
};
`;

export type NationalTemplate = 'strict' | 'standard';

/** Names of the templates. */
export const NATIONAL_TEMPLATES: readonly NationalTemplate[] = ['standard', 'strict'];

/** The text of a template. */
export const nationalTemplate = (name: NationalTemplate): string =>
  (name === 'strict' ? STRICT : STANDARD).trimStart();
