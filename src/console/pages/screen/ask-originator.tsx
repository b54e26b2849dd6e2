/** The question to the originator of a hit: the dialog of the record's page, once the record is here. */
import { useQuery } from '@tanstack/react-query';
import type { Wire } from '../../../desk/http/contract.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { Waiting } from '../../parts/empty.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { useText } from '../../text/index.ts';
import { AskDialog } from '../record/questions/ask-dialog.tsx';
import { recordQuery } from '../record/record.tsx';

interface AskOriginatorProps {
  readonly hit: Wire.ScreeningHit;
  /** What was asked of screening: the first words of the question. */
  readonly question: string;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

export function AskOriginator({ hit, question, onClose, onDone }: AskOriginatorProps) {
  const say = useText();
  const record = useQuery(recordQuery(hit.headerDigest));
  if (record.data !== undefined)
    return <AskDialog shown={record.data} question={question} onClose={onClose} onDone={onDone} />;
  return (
    <Dialog title={say('ask.title', { node: hit.originator })} onClose={onClose}>
      {record.error ? <ProblemNotice error={record.error} /> : <Waiting lines={4} />}
    </Dialog>
  );
}
