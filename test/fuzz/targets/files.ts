/** Files and texts that people are handed: configuration, policies, scenarios, lists, audit files, backups. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { concat, hex, utf8 } from '../../../src/base/bytes.ts';
import { DeskGroup } from '../../../src/gen/tocsin/record/v1/marking.ts';
import { readUnList } from '../../../src/interop/index.ts';
import { judgeAuditFile } from '../../../src/lifecycle/audit-file.ts';
import { packEntries, unpackEntries } from '../../../src/node/backup-archive.ts';
import { parseConfig } from '../../../src/node/index.ts';
import {
  baselinePolicy,
  checkPolicies,
  nationalTemplate,
  shippedScenarios,
} from '../../../src/policy/index.ts';
import { parseScenarios } from '../../../src/policy/scenario-format.ts';
import { sha256 } from '../../../src/record/index.ts';
import { openFile, sealFile } from '../../../src/seal/index.ts';
import type { Mutator } from '../mutate/bytes.ts';
import { accepted, refused, type Target } from '../target.ts';

const root = join(import.meta.dirname, '../../..');
const textIn = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');

const config: Target = {
  name: 'config',
  reads: 'node.yaml: parseConfig',
  timeMs: 200,
  timeMsPerKiB: 30,
  open: () => ({
    form: {
      kind: 'text',
      tokens: [
        '&a ',
        '*a',
        '<<: *a',
        '!!js/function x',
        '? ',
        ': ',
        '- ',
        '{',
        '[',
        '|\n',
        '%YAML 1.1\n---\n',
        '__proto__: {polluted: true}\n',
        '  ',
      ],
    },
    seeds: [
      new Uint8Array(readFileSync(join(root, 'deploy/node.example.yaml'))),
      utf8(
        `node: XA\nnetworkDigest: '${'ab'.repeat(32)}'\nbroker:\n  servers: [tls://b.test:4222]\n  ca: ca.pem\n  serverName: b.test\n`,
      ),
    ],
    read: (bytes) => accepted(parseConfig(textIn(bytes), 'node.yaml')),
  }),
};

const scenarios: Target = {
  name: 'scenarios',
  reads: 'a file of policy scenarios: parseScenarios',
  quick: 25,
  timeMs: 400,
  timeMsPerKiB: 15,
  open: () => ({
    form: {
      kind: 'text',
      tokens: ['&a ', '*a', '<<: *a', '? ', ': ', '- ', '{', '[', '__proto__: {polluted: true}\n', '  '],
    },
    // The first scenarios only: the whole file takes longer to read than to change.
    seeds: [utf8(shippedScenarios()), utf8(shippedScenarios().slice(0, 6000))],
    read: (bytes) => accepted(parseScenarios(textIn(bytes))),
  }),
};

const policy: Target = {
  name: 'policy',
  reads: 'a policy as text, baseline and national: checkPolicies',
  quick: 40,
  timeMs: 400,
  timeMsPerKiB: 15,
  open: () => ({
    form: {
      kind: 'text',
      tokens: [
        'permit (principal, action, resource);\n',
        'forbid ',
        'when { ',
        ' };',
        '@id("X") ',
        ' && ',
        '!',
        '(',
        '"',
        '//',
        'context.facet.class == "P"',
      ],
    },
    seeds: [
      nationalTemplate('standard'),
      nationalTemplate('strict'),
      baselinePolicy(),
      '@id("X1") forbid (principal, action, resource);\n',
    ].map(utf8),
    read: (bytes) => {
      const text = textIn(bytes);
      const faults = checkPolicies(text, { layer: 'national' });
      const [fault] = faults.filter(({ severity }) => severity === 'error');
      return fault === undefined ? accepted(faults) : refused(fault.code);
    },
  }),
};

const unList: Target = {
  name: 'un-list',
  reads: 'a list of the United Nations in XML: readXml, readUnList',
  timeMs: 150,
  timeMsPerKiB: 8,
  open: () => {
    const person = `<INDIVIDUAL><DATAID>1</DATAID><VERSIONNUM>1</VERSIONNUM><FIRST_NAME>ORSOLO</FIRST_NAME><SECOND_NAME>VENN &amp; T</SECOND_NAME>
<UN_LIST_TYPE>Arvenia</UN_LIST_TYPE><REFERENCE_NUMBER>XAi.1</REFERENCE_NUMBER><LISTED_ON>2012-12-31</LISTED_ON><COMMENTS1><![CDATA[Seen <there>]]></COMMENTS1>
<NATIONALITY><VALUE>Norway</VALUE></NATIONALITY><INDIVIDUAL_ALIAS><QUALITY>Good</QUALITY><ALIAS_NAME>Tar &#x26; Co &#233;</ALIAS_NAME></INDIVIDUAL_ALIAS>
<INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>BETWEEN</TYPE_OF_DATE><FROM_YEAR>1964</FROM_YEAR><TO_YEAR>1967</TO_YEAR></INDIVIDUAL_DATE_OF_BIRTH>
<INDIVIDUAL_DOCUMENT><TYPE_OF_DOCUMENT>Passport</TYPE_OF_DOCUMENT><NUMBER>Q1</NUMBER></INDIVIDUAL_DOCUMENT></INDIVIDUAL>`;
    const entity = `<ENTITY><DATAID>2</DATAID><VERSIONNUM>1</VERSIONNUM><FIRST_NAME>QUELLMAR</FIRST_NAME><UN_LIST_TYPE>Arvenia</UN_LIST_TYPE>
<REFERENCE_NUMBER>XAe.2</REFERENCE_NUMBER><LISTED_ON>2012-12-31</LISTED_ON><ENTITY_ADDRESS><STREET>4 Kelp Stairs</STREET><COUNTRY>Norway</COUNTRY></ENTITY_ADDRESS></ENTITY>`;
    const list = (persons: string, entities: string) =>
      utf8(
        `<?xml version="1.0" encoding="UTF-8"?><CONSOLIDATED_LIST dateGenerated="2026-02-27T00:00:09.554Z"><INDIVIDUALS>${persons}</INDIVIDUALS><ENTITIES>${entities}</ENTITIES></CONSOLIDATED_LIST>`,
      );
    const officer = { fingerprint: 'aa', name: 'Anna', deskGroup: DeskGroup.DESK_GROUP_LICENSING };
    return {
      form: {
        kind: 'text',
        tokens: [
          '<!DOCTYPE a [<!ENTITY b "c">]>',
          '&b;',
          '&#1;',
          '&#x110000;',
          '&#65;'.repeat(500),
          '<![CDATA[',
          ']]>',
          '<!--',
          '-->',
          '<__proto__>x</__proto__>',
          '<constructor/>',
          '<a b="c"/>',
          '<',
          '>',
          '&',
          '<?x?>',
          '<VALUE>'.repeat(30),
        ],
      },
      seeds: [list(person, entity), list(person, ''), list('', entity)],
      read: (bytes) =>
        accepted(
          readUnList(bytes, { officer, marking: { releasableTo: ['sac'] }, nowMs: Date.UTC(2026, 2, 2) }),
        ),
    };
  },
};

async function* linesOf(text: string): AsyncGenerator<string> {
  for (const line of text.split('\n').filter((one) => one !== '')) yield line;
}

const auditFile: Target = {
  name: 'audit-file',
  reads: 'an exported audit trail: judgeAuditFile',
  timeMs: 120,
  timeMsPerKiB: 3,
  open: () => {
    const network = new Uint8Array(32).fill(1);
    const head = JSON.stringify({ format: 'tocsin-audit/1', node: 'XA', network: hex(network) });
    const data = Buffer.from('a file');
    const blob = JSON.stringify({ blob: hex(sha256(data)), data: data.toString('base64') });
    const anchor = JSON.stringify({ anchor: { 'header.bin': hex(sha256(data)) } });
    const row = JSON.stringify({
      row: ['1', '1768478400000', 'op', 'node.started', 'node', '{}', '00'.repeat(32)],
    });
    return {
      form: (seed) =>
        seed.includes(0x0a)
          ? {
              kind: 'text',
              tokens: [
                '{"head":[{"toString":1},1]}\n',
                '{"head":[]}\n',
                '\n',
                '"row"',
                '"head"',
                '"anchor"',
                '{"row":["1"]}',
              ],
            }
          : { kind: 'json' },
      seeds: [
        `${head}\n{"head":null}\n`,
        `${head}\n{"head":null}\n`,
        `${head}\n${blob}\n${anchor}\n${row}\n{"head":["1","00"]}\n`,
        head,
        row,
        anchor,
        '{"head":["1","00"]}',
      ].map(utf8),
      read: async (bytes) => {
        const text = textIn(bytes);
        // A single line is judged as the second of a file.
        const whole = text.includes('\n') ? text : `${head}\n${text}\n{"head":null}\n`;
        const judged = await judgeAuditFile(linesOf(whole), network);
        return judged.ok ? accepted(judged.value) : refused(judged.reason);
      },
    };
  },
};

async function* once(bytes: Uint8Array, size = 1009): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
async function gathered(source: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of source) parts.push(Uint8Array.from(part));
  return concat(...parts);
}

const archive: Target = {
  name: 'backup-archive',
  reads: 'an opened backup: unpackEntries',
  timeMsPerKiB: 3,
  open: async () => {
    const entries = async function* () {
      for (const [name, text] of [
        ['node.yaml', 'node: XA\n'],
        ['keys/log.pem', 'x'.repeat(3000)],
        ['store.sqlite', ''],
      ] as const)
        yield { name, size: text.length, bytes: once(utf8(text)) };
    };
    return {
      form: { kind: 'bytes' },
      seeds: [await gathered(packEntries(entries()))],
      read: async (bytes) => {
        const read: unknown[] = [];
        for await (const entry of unpackEntries(once(bytes)))
          read.push([entry.name, entry.size, await gathered(entry.bytes)]);
        return accepted(read);
      },
    };
  },
};

/** The digest of the head made right again, so that what the head asks for is reached. */
const HEAD_FIELDS = 'tocsin/sealed-file/v1\n'.length + 16 + 12;
const mendedHead: Mutator = (bytes, dice) => {
  if (bytes.length < HEAD_FIELDS + 32) return bytes;
  const copy = Uint8Array.from(bytes);
  const at = HEAD_FIELDS - 1 - dice.below(12);
  copy[at] = dice.below(256);
  copy.set(sha256(copy.subarray(0, HEAD_FIELDS)), HEAD_FIELDS);
  return copy;
};

const sealedFile: Target = {
  name: 'sealed-file',
  reads: 'a file sealed with a passphrase: openFile',
  // The head may ask for up to 1 GiB and 16 passes, as it says; what is bounded is what it may ask.
  timeMs: 30_000,
  open: async () => {
    const small = { memoryKib: 64, passes: 1, lanes: 1 };
    const random = { bytes: (length: number) => new Uint8Array(length).fill(5) };
    const seal = (bytes: Uint8Array) =>
      gathered(sealFile('correct horse battery', once(bytes), random, small));
    return {
      form: { kind: 'bytes', own: [mendedHead] },
      seeds: [await seal(utf8('secret')), await seal(new Uint8Array(70_000))],
      read: async (bytes) => accepted(await gathered(openFile('correct horse battery', once(bytes, 5000)))),
    };
  },
};

export const FILE_TARGETS: readonly Target[] = [
  config,
  scenarios,
  policy,
  unList,
  auditFile,
  archive,
  sealedFile,
];
