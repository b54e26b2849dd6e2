/**
 * Files of a record or a draft, as far as this officer may see them. A picture is fetched when one asks for it, and drawn out of the window's
 * memory as a picture alone: whatever its bytes are, nothing of them runs. Every look at one is a reading in the audit.
 */
import { useQuery } from '@tanstack/react-query';
import { useEffect, useId, useState } from 'react';
import type { Wire } from '../../../desk/http/contract.ts';
import { call, fileHref, Refusal } from '../../api/client.ts';
import { hexOf } from '../../api/digest.ts';
import { fetchFile } from '../../api/files.ts';
import { Waiting } from '../../parts/empty.tsx';
import { FileFacts, fileAnchor } from '../../parts/file-facts.tsx';
import { Foreign, ForeignText } from '../../parts/foreign.tsx';
import { Icon } from '../../parts/icons.tsx';
import { ProblemNotice, problemText } from '../../parts/problem.tsx';
import { type TextKey, useText } from '../../text/index.ts';
import { recordPath } from '../board/row.tsx';

/** Whose files: exactly one of the two. */
export type FilesOf = { readonly headerDigest: string } | { readonly draftId: string };

const PICTURES: readonly string[] = ['image/jpeg', 'image/png', 'image/webp', 'image/gif'];
const TEXT = 'text/plain';

const folderOf = (of: FilesOf): string =>
  'draftId' in of
    ? `/drafts/${of.draftId}/attachments`
    : `${recordPath(of.headerDigest).replace('/record/', '/records/')}/attachments`;

export function Attachments({ of }: { readonly of: FilesOf }) {
  const say = useText();
  const title = useId();
  const listed = useQuery({
    queryKey: ['attachments', of],
    queryFn: () => call('AttachmentService/ListAttachments', of),
  });
  return (
    <section className="card facet" aria-labelledby={title}>
      <h2 className="row spread" id={title}>
        {say('facet.attachments')}
        <span className="chip">{say('class.A')}</span>
      </h2>
      {listed.error && <ProblemNotice error={listed.error} retry={() => void listed.refetch()} />}
      {listed.isPending && <Waiting lines={1} height="5rem" />}
      {listed.data?.attachments.length === 0 && <p className="soft">{say('facet.empty')}</p>}
      <ul className="stack files">
        {(listed.data?.attachments ?? []).map((file) => (
          <OneFile key={file.sha256} file={file} folder={folderOf(of)} />
        ))}
      </ul>
    </section>
  );
}

function OneFile({ file, folder }: { readonly file: Wire.AttachmentSummary; readonly folder: string }) {
  const say = useText();
  const sha256 = hexOf(file.sha256);
  const path = `${folder}/${sha256}`;
  const isHere = file.state === 'ATTACHMENT_STATE_STORED';
  return (
    <li className="card nested file" id={fileAnchor(sha256)} tabIndex={-1}>
      <Preview file={file} path={path} isHere={isHere} />
      <div className="stack">
        <strong>
          <Foreign text={file.fileName} most={140} />
        </strong>
        {file.caption !== '' && <ForeignText text={file.caption} />}
        <FileFacts
          mime={file.mime}
          size={file.size}
          sensitivity={file.class}
          redacted={file.redacted}
          sha256={sha256}
        />
        {isHere ? (
          <a className="button no-print" href={fileHref(path)} download>
            <Icon name="download" />
            {say('attach.download')}
            <span className="visually-hidden">
              {' '}
              <Foreign text={file.fileName} most={140} />
            </span>
          </a>
        ) : (
          <p className="chip warn">
            <Icon name="clock" />
            {say(`attach.state.${file.state}` as TextKey)}
          </p>
        )}
      </div>
    </li>
  );
}

/** What was fetched: a picture's address in this window, or a text. */
type Seen = { readonly address: string } | { readonly text: string };

/** A frame of one size, whatever comes into it. */
function Preview({
  file,
  path,
  isHere,
}: {
  readonly file: Wire.AttachmentSummary;
  readonly path: string;
  readonly isHere: boolean;
}) {
  const say = useText();
  const [isWanted, setWanted] = useState(false);
  const [seen, setSeen] = useState<Seen>();
  const [error, setError] = useState<unknown>();
  const { mime } = file;
  useEffect(() => {
    if (!isWanted) return;
    const ending = new AbortController();
    let address: string | undefined;
    const show = async () => {
      const bytes = await fetchFile(path, ending.signal);
      if (mime === TEXT) return setSeen({ text: await bytes.text() });
      // The type that the node states is the one that the browser decodes it as: never a page, never a drawing that runs.
      address = URL.createObjectURL(new Blob([bytes], { type: mime }));
      setSeen({ address });
    };
    show().catch((failure: unknown) => {
      if (ending.signal.aborted) return;
      setError(failure);
      setWanted(false);
    });
    return () => {
      ending.abort();
      if (address !== undefined) URL.revokeObjectURL(address);
    };
  }, [isWanted, path, mime]);
  const isPicture = PICTURES.includes(mime);
  if (!isHere || !(isPicture || mime === TEXT)) return null;
  if (seen !== undefined)
    return (
      <div className="preview-frame">
        {'text' in seen ? (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is scrolled by the keyboard too
          <section className="preview-text" tabIndex={0} aria-label={file.fileName}>
            <ForeignText text={seen.text} />
          </section>
        ) : (
          <img
            src={seen.address}
            alt={file.caption === '' ? say('attach.picture') : file.caption}
            decoding="async"
            onError={() => {
              setSeen(undefined);
              setWanted(false);
              setError('unreadable');
            }}
          />
        )}
      </div>
    );
  return (
    <div className="preview-frame no-print">
      <button
        type="button"
        className="button"
        disabled={isWanted}
        onClick={() => {
          setError(undefined);
          setWanted(true);
        }}
      >
        <Icon name="eye" />
        {say(isWanted ? 'attach.fetching' : isPicture ? 'attach.show' : 'attach.showText')}
      </button>
      {error !== undefined && (
        <span className="fault small" role="alert">
          {error instanceof Refusal ? problemText(error) : say('attach.unreadable')}
        </span>
      )}
    </div>
  );
}
