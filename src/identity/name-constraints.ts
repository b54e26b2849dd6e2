/** Name constraints (RFC 5280 §4.2.1.10): whether one certificate's names lie where an authority above it may speak. */
import type { Certificate } from './certificate.ts';
import type { NameConstraints } from './certificate-extensions.ts';
import type { GeneralName } from './certificate-name.ts';

/** Any name made by adding labels on the left of the constraint lies in it. */
const hostWithin = (host: string, constraint: string): boolean =>
  constraint === '' || host === constraint || host.endsWith(`.${constraint}`);

function dnsMatches(name: string, constraint: string, list: 'permitted' | 'excluded'): boolean {
  if (!name.startsWith('*.')) return hostWithin(name, constraint);
  const base = name.slice(2);
  // A wildcard also stands for a host that is excluded by its full name.
  return hostWithin(base, constraint) || (list === 'excluded' && constraint.endsWith(`.${base}`));
}

function ipMatches(address: Uint8Array, range: Uint8Array): boolean {
  const { length } = address;
  if (range.length !== 2 * length) return false;
  return address.every(
    (byte, i) => (byte & (range[length + i] ?? 0)) === ((range[i] ?? 0) & (range[length + i] ?? 0)),
  );
}

function matches(name: GeneralName, constraint: GeneralName, list: 'permitted' | 'excluded'): boolean {
  if (name.kind === 'dns' && constraint.kind === 'dns') return dnsMatches(name.name, constraint.name, list);
  if (name.kind === 'ip' && constraint.kind === 'ip') return ipMatches(name.bytes, constraint.bytes);
  if (name.kind === 'directory' && constraint.kind === 'directory')
    return constraint.name.relativeNames.every((part, i) => part === name.name.relativeNames[i]);
  return false;
}

/** Every name that constraints apply to: subject alternative names, and the subject itself where it is not empty. */
function namesOf(certificate: Certificate): readonly GeneralName[] {
  const { subject } = certificate;
  const alternative = certificate.extensions.subjectAltName ?? [];
  return subject.attributes.length === 0
    ? alternative
    : [...alternative, { kind: 'directory', name: subject }];
}

/** What is wrong with the names of a certificate under these constraints; undefined if nothing is. */
export function nameConstraintFault(
  certificate: Certificate,
  constraints: NameConstraints,
): string | undefined {
  for (const name of namesOf(certificate)) {
    if (constraints.excluded.some((constraint) => matches(name, constraint, 'excluded')))
      return `a ${name.kind} name lies in an excluded subtree`;
    const permitted = constraints.permitted.filter((constraint) => constraint.kind === name.kind);
    if (permitted.length > 0 && !permitted.some((constraint) => matches(name, constraint, 'permitted')))
      return `a ${name.kind} name lies outside the permitted subtrees`;
  }
  return undefined;
}
