/** All revisions that the officer may know of, and what one says otherwise than the one before. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import type { ResponseOf } from '../../../desk/http/contract.ts';
import { call } from '../../api/client.ts';
import { Waiting } from '../../parts/empty.tsx';
import { Foreign } from '../../parts/foreign.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { Instant, msOf } from '../../parts/time.tsx';
import { sayOr, type TextKey, useText } from '../../text/index.ts';
import { recordPath } from '../board/row.tsx';

type Shown = ResponseOf<'RecordService/GetRecord'>;

export function Revisions({ shown }: { readonly shown: Shown }) {
  const say = useText();
  const [compared, setCompared] = useState('');
  const { revisions, record } = shown;
  if (revisions.length < 2) return null;
  return (
    <section className="card" aria-labelledby="revisions-title">
      <h2 id="revisions-title">{say('revisions.title')}</h2>
      <ol className="deliveries">
        {revisions.map((one) => (
          <li
            key={one.headerDigest}
            aria-current={one.headerDigest === record?.headerDigest ? 'true' : undefined}
          >
            <span className="row spread">
              <Link href={recordPath(one.headerDigest)}>
                {say('record.revision', { number: one.revision })}
              </Link>
              <span className="chip">{say(`state.${one.state}` as TextKey)}</span>
            </span>
            <span className="soft small row spread">
              <Instant ms={msOf(one.released)} />
              {one.revision > 1 && (
                <button
                  type="button"
                  className="link no-print"
                  aria-expanded={compared === one.headerDigest}
                  onClick={() => setCompared(compared === one.headerDigest ? '' : one.headerDigest)}
                >
                  {say('revisions.compare')}
                </button>
              )}
            </span>
            {compared === one.headerDigest && <Differences headerDigest={one.headerDigest} />}
          </li>
        ))}
      </ol>
    </section>
  );
}

function Differences({ headerDigest }: { readonly headerDigest: string }) {
  const say = useText();
  const found = useQuery({
    queryKey: ['revision', headerDigest],
    queryFn: () => call('RevisionService/CompareRevisions', { headerDigest }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (found.error) return <ProblemNotice error={found.error} />;
  if (!found.data) return <Waiting lines={3} />;
  const changed = found.data.facets.filter(({ state }) => state !== 'same');
  const header = found.data.header.map((change) => ({ ...change, facet: 'header' }));
  const all = [
    ...header,
    ...changed.flatMap(({ facet, changes }) => changes.map((change) => ({ ...change, facet }))),
  ];
  return (
    <div className="stack differences">
      {changed
        .filter(({ state }) => state === 'not-shown')
        .map(({ facet }) => (
          <p key={facet} className="soft small">
            {sayOr(`facet.${facet}`, facet)}: {say('revisions.notShown')}
          </p>
        ))}
      {all.length === 0 && <p className="soft small">{say('revisions.same')}</p>}
      {all.map(({ facet, path, beforeJson, afterJson }) => (
        <div key={`${facet} ${path}`}>
          <code>
            {facet}.{path}
          </code>
          {beforeJson !== '' && (
            <del>
              <Foreign text={beforeJson} />
            </del>
          )}
          {afterJson !== '' && (
            <ins>
              <Foreign text={afterJson} />
            </ins>
          )}
        </div>
      ))}
    </div>
  );
}
