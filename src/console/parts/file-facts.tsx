/** What a file is, in words; its type came from whoever described it. */
import { sayOr, useText } from '../text/index.ts';
import { Foreign } from './foreign.tsx';
import { useSize } from './size.ts';

const DIGEST_SHOWN = 8;

/** Where a page shows the file: what it illustrates names it by its digest, in hexadecimal. */
export const fileAnchor = (sha256: string): string => `file-${sha256}`;

interface FileFactsProps {
  readonly mime: string;
  readonly size: number;
  /** As `SENSITIVITY_CLASS_OPERATIONAL`. */
  readonly sensitivity: string;
  readonly redacted: boolean;
  /** SHA-256, hexadecimal. */
  readonly sha256: string;
}

export function FileFacts({ mime, size, sensitivity, redacted, sha256 }: FileFactsProps) {
  const say = useText();
  const sized = useSize();
  return (
    <span className="row soft small">
      <Foreign text={sayOr(`fileType.${mime}`, mime)} most={60} />
      <span>{sized(size)}</span>
      <span className="chip">{sayOr(`fileClass.${sensitivity}`, sensitivity)}</span>
      {redacted && <span className="chip">{say('attach.redacted')}</span>}
      <span title={`SHA-256 ${sha256}`}>
        SHA-256 <code dir="ltr">{sha256.slice(0, DIGEST_SHOWN)}…</code>
      </span>
    </span>
  );
}
