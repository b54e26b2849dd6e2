import { XMLParser } from 'fast-xml-parser';
import { describe, expect, it } from 'vitest';
import { Status, Tlp } from '../../../src/gen/tocsin/record/v1/marking.ts';
import {
  Certainty,
  Severity,
  Urgency,
  WarningAction,
  WarningEvent,
  WarningSummary,
} from '../../../src/gen/tocsin/record/v1/warning.ts';
import { type CapWarning, capMessage } from '../../../src/interop/index.ts';

const AT_MS = Date.parse('2031-05-01T10:20:00Z');
const text = (language: string, headline: string) => ({
  language,
  headline,
  description: '',
  instruction: '',
});
const warning = (change: Partial<CapWarning> = {}, summary: Partial<WarningSummary> = {}): CapWarning => ({
  identifier: '0011223344556677.1',
  sender: 'XA@0a1b2c3d4e5f6071',
  senderName: 'Pelican Line',
  sentMs: AT_MS,
  status: Status.STATUS_ACTUAL,
  tlp: Tlp.TLP_CLEAR,
  references: [],
  summary: WarningSummary.fromPartial({
    event: WarningEvent.WARNING_EVENT_ARMS_MOVEMENT,
    action: WarningAction.WARNING_ACTION_ALERT,
    texts: [text('fr', 'Mouvement d’armes'), text('ar', 'حركة أسلحة')],
    urgency: Urgency.URGENCY_EXPECTED,
    severity: Severity.SEVERITY_SEVERE,
    certainty: Certainty.CERTAINTY_POSSIBLE,
    areas: [
      {
        subdivisions: ['XL-N', 'XC'],
        polygon: [
          { latitude: -8.5, longitude: 14 },
          { latitude: -8.5, longitude: 15 },
          { latitude: -9.4, longitude: 14.6 },
          { latitude: -8.5, longitude: 14 },
        ],
        circle: { center: { latitude: -8.5, longitude: 14 }, radiusKm: 40 },
      },
    ],
    effective: BigInt(AT_MS),
    expires: BigInt(AT_MS + 86_400_000),
    ...summary,
  }),
  ...change,
});

/**
 * Children of each element in the order of the schema of CAP 1.2 (§3.4): `?` at most once, `*` any number, `+` at least one; what has no
 * mark exactly once. Then what a text may be.
 */
const CHILDREN: Readonly<Record<string, string>> = {
  alert:
    'identifier sender sent status msgType source? scope restriction? addresses? code* note? references? incidents? info*',
  info: 'language? category+ event responseType* urgency severity certainty audience? eventCode* effective? onset? expires? senderName? headline? description? instruction? web? contact? parameter* resource* area*',
  parameter: 'valueName value',
  area: 'areaDesc polygon* circle* geocode* altitude? ceiling?',
  geocode: 'valueName value',
};
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d$/;
const TEXTS: Readonly<Record<string, RegExp>> = {
  identifier: /^[^\s,<&]+$/,
  sender: /^[^\s,<&]+$/,
  sent: INSTANT,
  effective: INSTANT,
  onset: INSTANT,
  expires: INSTANT,
  status: /^(Actual|Exercise|System|Test|Draft)$/,
  msgType: /^(Alert|Update|Cancel|Ack|Error)$/,
  scope: /^(Public|Restricted|Private)$/,
  language: /^[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*$/,
  category: /^(Geo|Met|Safety|Security|Rescue|Fire|Health|Env|Transport|Infra|CBRNE|Other)$/,
  urgency: /^(Immediate|Expected|Future|Past|Unknown)$/,
  severity: /^(Extreme|Severe|Moderate|Minor|Unknown)$/,
  certainty: /^(Observed|Likely|Possible|Unlikely|Unknown)$/,
  polygon: /^(-?\d+(\.\d+)?,-?\d+(\.\d+)? ){3,}-?\d+(\.\d+)?,-?\d+(\.\d+)?$/,
  circle: /^-?\d+(\.\d+)?,-?\d+(\.\d+)? \d+(\.\d+)?$/,
};

type Node = Readonly<Record<string, unknown>>;
const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  parseTagValue: false,
  trimValues: false,
});
const nameOf = (node: Node): string => Object.keys(node).find((key) => key !== ':@') ?? '';
const childrenOf = (node: Node): readonly Node[] => node[nameOf(node)] as readonly Node[];
const textOf = (node: Node): string => String(childrenOf(node)[0]?.['#text'] ?? '');
const all = (node: Node, name: string): readonly Node[] =>
  childrenOf(node).flatMap((child) =>
    nameOf(child) === '#text' ? [] : [...(nameOf(child) === name ? [child] : []), ...all(child, name)],
  );

function alertOf(xml: string): Node {
  const found = (parser.parse(xml) as readonly Node[]).find((node) => nameOf(node) === 'alert');
  if (found === undefined) throw new Error('expected an alert');
  return found;
}

/** What breaks the schema; empty where nothing does. */
function faultsOf(node: Node): readonly string[] {
  const name = nameOf(node);
  const order = CHILDREN[name];
  if (order === undefined)
    return TEXTS[name]?.test(textOf(node)) === false ? [`${name}: ${textOf(node)}`] : [];
  const pattern = order.replace(/(\w+)([?*+]?)/g, '(?:$1 )$2').replaceAll(/\)([?*+]?) /g, ')$1');
  const children = childrenOf(node);
  const names = children.map((child) => `${nameOf(child)} `).join('');
  return [
    ...(new RegExp(`^${pattern}$`).test(names) ? [] : [`${name}: ${names}`]),
    ...children.flatMap(faultsOf),
  ];
}

const values = (xml: string, name: string): readonly string[] => all(alertOf(xml), name).map(textOf);

describe('a warning as a CAP 1.2 message', () => {
  it.each([
    ['for everybody', warning()],
    ['restricted', warning({ tlp: Tlp.TLP_GREEN })],
    ['an exercise', warning({ status: Status.STATUS_EXERCISE })],
    ['a test', warning({ status: Status.STATUS_TEST })],
    ['with an onset', warning({}, { onset: BigInt(AT_MS) })],
    [
      'of an area in words alone',
      warning({}, { areas: [{ description: 'north', subdivisions: [], polygon: [], circle: undefined }] }),
    ],
    [
      'an update',
      warning(
        { references: [{ identifier: 'a.1', sentMs: AT_MS }] },
        { action: WarningAction.WARNING_ACTION_UPDATE },
      ),
    ],
  ])('keeps to the schema: %s', (_, one) => {
    const xml = capMessage(one);
    expect(xml).toContain('<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">');
    expect(faultsOf(alertOf(xml))).toEqual([]);
  });

  it('has an info for each language, each with the whole area', () => {
    const xml = capMessage(warning());
    expect(values(xml, 'language')).toEqual(['fr', 'ar']);
    expect(values(xml, 'headline')).toEqual(['Mouvement d’armes', 'حركة أسلحة']);
    expect(values(xml, 'polygon')[0]).toBe('-8.5,14 -8.5,15 -9.4,14.6 -8.5,14');
    expect(values(xml, 'circle')[0]).toBe('-8.5,14 40');
    expect(values(xml, 'areaDesc')[0]).toBe('XL-N XC');
    expect(values(xml, 'valueName').slice(0, 3)).toEqual(['tocsin:tlp', 'ISO 3166-2', 'ISO 3166-1']);
  });

  it('refers to every message that it ends', () => {
    const references = [
      { identifier: 'a.2', sentMs: AT_MS },
      { identifier: 'a.1', sentMs: AT_MS - 60_000 },
    ];
    const xml = capMessage(warning({ references }, { action: WarningAction.WARNING_ACTION_CANCEL }));
    expect(values(xml, 'msgType')).toEqual(['Cancel']);
    expect(values(xml, 'references')).toEqual([
      'XA@0a1b2c3d4e5f6071,a.2,2031-05-01T10:20:00-00:00 XA@0a1b2c3d4e5f6071,a.1,2031-05-01T10:19:00-00:00',
    ]);
  });

  it('is an alert where it refers to nothing, and an update where it does, whatever it was drafted as', () => {
    const cancel = { action: WarningAction.WARNING_ACTION_CANCEL };
    expect(values(capMessage(warning({}, cancel)), 'msgType')).toEqual(['Alert']);
    const references = [{ identifier: 'a.1', sentMs: AT_MS }];
    expect(values(capMessage(warning({ references })), 'msgType')).toEqual(['Update']);
  });

  it('says for whom it is', () => {
    expect(values(capMessage(warning()), 'scope')).toEqual(['Public']);
    const restricted = capMessage(warning({ tlp: Tlp.TLP_AMBER_STRICT }));
    expect(values(restricted, 'scope')).toEqual(['Restricted']);
    expect(values(restricted, 'restriction')).toEqual(['TLP:AMBER+STRICT']);
  });

  it('lets no text end its element or say what XML cannot', () => {
    const texts = [text('en', '</headline><area> & \u0000\u000b]]>\ud800 end')];
    const xml = capMessage(warning({}, { texts }));
    expect(faultsOf(alertOf(xml))).toEqual([]);
    expect(values(xml, 'headline')).toEqual(['</headline><area> & ]]> end']);
    expect(xml).not.toMatch(/[\u0000\u000b\ud800]/u);
  });
});
