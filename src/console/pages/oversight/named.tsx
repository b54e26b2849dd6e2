/** How a record that an auditor does not read is named: its kind, and the beginning of its header digest, as in the trail. */
import { sayOr } from '../../text/index.ts';

const BYTES = 8;

/** Of a digest in base64, hexadecimal. */
const beginningOf = (digest: string): string =>
  [...atob(digest).slice(0, BYTES)]
    .map((letter) => letter.charCodeAt(0).toString(16).padStart(2, '0'))
    .join('');

export function Digest({ of }: { readonly of: string }) {
  return (
    <code>
      <bdi>{beginningOf(of)}</bdi>
    </code>
  );
}

export function NamedRecord({ kind, digest }: { readonly kind: string; readonly digest: string }) {
  return (
    <>
      {kind === '' ? null : sayOr(`kind.${kind}`, kind)} <Digest of={digest} />
    </>
  );
}
