/** The queue as the node lists it, and addresses of its reports. */
import { useQuery } from '@tanstack/react-query';
import type { Wire } from '../../../desk/http/contract.ts';
import { call } from '../../api/client.ts';
import { hexOf } from '../../api/digest.ts';
import { recordPath } from '../board/row.tsx';

export const useReports = () =>
  useQuery({ queryKey: ['hotline'], queryFn: () => call('HotlineService/ListReports', {}) });

/** As `similar` names it, in hexadecimal. */
export const reportId = ({ draftId, headerDigest }: Wire.Report): string =>
  draftId === '' ? hexOf(headerDigest) : draftId;

export const digestPath = (place: 'record' | 'warning' | 'broadcast', headerDigest: string): string =>
  `/hotline/${place}/${recordPath(headerDigest).slice('/record/'.length)}`;

export const reportPath = (report: Wire.Report): string =>
  report.draftId === '' ? digestPath('record', report.headerDigest) : `/hotline/report/${report.draftId}`;
