/**
 * A warning as a message of the Common Alerting Protocol 1.2 (OASIS CAP-v1.2-os, §3.2), for sirens, broadcasters and feeds of others. Made of
 * the summary alone, which is class S: nothing operational, no basis, nothing of a report. Pure.
 */
import { Status, Tlp } from '../gen/tocsin/record/v1/marking.ts';
import {
  Certainty,
  Severity,
  Urgency,
  WarningAction,
  type WarningArea,
  WarningEvent,
  type WarningSummary,
  type WarningText,
} from '../gen/tocsin/record/v1/warning.ts';

/** One message of a warning's history, as others refer to it. */
export interface CapReference {
  readonly identifier: string;
  /** Of its release, in milliseconds. */
  readonly sentMs: number;
}

export interface CapWarning extends CapReference {
  /** Globally unique: node and network. */
  readonly sender: string;
  /** In words. */
  readonly senderName: string;
  readonly status: Status;
  readonly tlp: Tlp;
  readonly summary: WarningSummary;
  /** Earlier messages that this one updates or cancels. */
  readonly references: readonly CapReference[];
}

const NAMESPACE = 'urn:oasis:names:tc:emergency:cap:1.2';

const MARKUP: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
/** What XML 1.0 (§2.2) has no place for is left out; it could not be read back by anybody. */
const NOT_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ud800-\udfff\ufffe\uffff]/gu;
const escaped = (text: string): string =>
  text.replace(NOT_XML, '').replace(/[&<>]/g, (sign) => MARKUP[sign] ?? '');

/** An element with a text; empty where there is none. */
const element = (name: string, text: string): string =>
  text === '' ? '' : `<${name}>${escaped(text)}</${name}>`;
const parent = (name: string, ...children: readonly string[]): string =>
  `<${name}>${children.join('')}</${name}>`;

/** `2031-05-01T10:20:00-00:00`: CAP wants an offset, and this one for UTC (§3.3.2). */
const instant = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}-00:00`;
const optionalInstant = (name: string, ms: bigint): string =>
  ms === 0n ? '' : element(name, instant(Number(ms)));

/** `WARNING_EVENT_ARMS_MOVEMENT` → `Arms movement`. */
function words(names: Readonly<Record<string, number>>, prefix: string, value: number): string {
  const name = Object.keys(names).find((key) => names[key] === value) ?? '';
  const plain = name
    .slice(prefix.length + 1)
    .toLowerCase()
    .replaceAll('_', ' ');
  return plain.charAt(0).toUpperCase() + plain.slice(1);
}

const STATUS: Readonly<Partial<Record<Status, string>>> = {
  [Status.STATUS_ACTUAL]: 'Actual',
  [Status.STATUS_EXERCISE]: 'Exercise',
};
const MSG_TYPE: Readonly<Partial<Record<WarningAction, string>>> = {
  [WarningAction.WARNING_ACTION_UPDATE]: 'Update',
  [WarningAction.WARNING_ACTION_CANCEL]: 'Cancel',
};

const tlpLabel = (tlp: Tlp): string =>
  `TLP:${words(Tlp, 'TLP', tlp).toUpperCase().replace('AMBER STRICT', 'AMBER+STRICT')}`;

/** The message as XML text. What is no warning for everybody says that it is restricted, and by what. */
export function capMessage(warning: CapWarning): string {
  const { sender, summary, tlp } = warning;
  const isPublic = tlp === Tlp.TLP_CLEAR;
  const references = warning.references
    .map(({ identifier, sentMs }) => `${sender},${identifier},${instant(sentMs)}`)
    .join(' ');
  // The first message of a history refers to none, whatever it was drafted as (§3.2.1, references).
  const msgType = references === '' ? 'Alert' : (MSG_TYPE[summary.action] ?? 'Update');
  const alert = [
    element('identifier', warning.identifier),
    element('sender', sender),
    element('sent', instant(warning.sentMs)),
    element('status', STATUS[warning.status] ?? 'Test'),
    element('msgType', msgType),
    element('scope', isPublic ? 'Public' : 'Restricted'),
    isPublic ? '' : element('restriction', tlpLabel(tlp)),
    element('references', references),
    ...summary.texts.map((text) => info(warning, text)),
  ];
  return `<?xml version="1.0" encoding="UTF-8"?>\n<alert xmlns="${NAMESPACE}">${alert.join('')}</alert>\n`;
}

/** One language of it; children in the order of the schema. */
const info = ({ summary, senderName, tlp }: CapWarning, text: WarningText): string =>
  parent(
    'info',
    element('language', text.language),
    element('category', 'Security'),
    element('event', words(WarningEvent, 'WARNING_EVENT', summary.event)),
    element('urgency', words(Urgency, 'URGENCY', summary.urgency)),
    element('severity', words(Severity, 'SEVERITY', summary.severity)),
    element('certainty', words(Certainty, 'CERTAINTY', summary.certainty)),
    optionalInstant('effective', summary.effective),
    optionalInstant('onset', summary.onset),
    optionalInstant('expires', summary.expires),
    element('senderName', senderName),
    element('headline', text.headline),
    element('description', text.description),
    element('instruction', text.instruction),
    parent('parameter', element('valueName', 'tocsin:tlp'), element('value', tlpLabel(tlp))),
    ...summary.areas.map(area),
  );

const area = ({ description, subdivisions, polygon, circle }: WarningArea): string =>
  parent(
    'area',
    // The schema wants words; where nobody wrote any, the codes stand for them.
    element('areaDesc', description || subdivisions.join(' ') || 'As drawn'),
    element('polygon', polygon.map(({ latitude, longitude }) => `${latitude},${longitude}`).join(' ')),
    circle?.center === undefined
      ? ''
      : element('circle', `${circle.center.latitude},${circle.center.longitude} ${circle.radiusKm}`),
    ...subdivisions.map((code) =>
      parent(
        'geocode',
        element('valueName', code.includes('-') ? 'ISO 3166-2' : 'ISO 3166-1'),
        element('value', code),
      ),
    ),
  );
