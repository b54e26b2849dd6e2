/** One call site a business event: log line and metric together. */
import type { ExchangeEvents } from '../exchange/index.ts';
import { reasonName } from '../record/index.ts';
import type { Logger } from './logger.ts';
import type { NodeMetrics } from './metrics.ts';

export const exchangeEvents = (logger: Logger, metrics: NodeMetrics): ExchangeEvents => ({
  sent({ recipient, lane, seq, items, bytes, attempt }) {
    metrics.parcelsSent.inc({ partner: recipient, lane: String(lane) });
    logger.debug({ recipient, lane, seq: String(seq), items, bytes, attempt }, 'parcel sent');
  },
  delivered({ recipient, lane, seq, items, refused }) {
    metrics.itemsDelivered.inc({ partner: recipient, outcome: 'accepted' }, items - refused);
    if (refused > 0) metrics.itemsDelivered.inc({ partner: recipient, outcome: 'refused' }, refused);
    logger.info({ recipient, lane, seq: String(seq), items, refused }, 'delivered: signed receipt stored');
  },
  received({ sender, lane, seq, accepted, refused }) {
    metrics.itemsReceived.inc({ partner: sender, outcome: 'accepted' }, accepted);
    if (refused > 0) metrics.itemsReceived.inc({ partner: sender, outcome: 'refused' }, refused);
    logger.info({ sender, lane, seq: String(seq), accepted, refused }, 'parcel taken');
  },
  refused({ sender, lane, reason, detail }) {
    metrics.refusals.inc({ reason: reasonName(reason) });
    logger.warn({ sender, lane, reason: reasonName(reason), detail }, 'refused');
  },
  gap({ sender, lane, expected, got }) {
    metrics.gaps.inc({ partner: sender });
    logger.warn(
      { sender, lane, expected: String(expected), got: String(got) },
      'gap: asking for what is missing',
    );
  },
  alarm({ code, subject, detail }) {
    metrics.alarms.inc({ code });
    logger.error({ code, subject, detail }, 'ALARM');
  },
  witnessed({ origin, size, witness }) {
    logger.debug({ origin, size: String(size), witness }, 'checkpoint cosigned');
  },
  failed({ what, peer, error }) {
    metrics.failures.inc({ what });
    logger.warn({ what, peer, error }, 'failed, will be tried again');
  },
});
