/** Private screening: what a holder computes for each key of what it lists, and what one question costs both sides together. */
import { ristretto255, ristretto255_hasher } from '@noble/curves/ed25519.js';
import { utf8 } from '../../src/base/bytes.ts';
import { epochInfo } from '../../src/screening/private/epoch.ts';
import { evaluateSet, keysOfEntry } from '../../src/screening/private/evaluated-set.ts';
import { newOprfKeyPair, poprf } from '../../src/screening/private/oprf.ts';
import { type Bench, perSecond } from './runner.ts';

const ENTRIES = 60;
const QUESTIONS = 10;
const KEYS = 8;

const syllables = ['bor', 'ven', 'ska', 'dze', 'lom', 'var', 'tru', 'mso', 'gat', 'ost', 'rog', 'qui'];
/** Made-up names of three words, each another. */
const nameOf = (number: number): string =>
  [1, 5, 7]
    .map((step) =>
      [0, 1, 2].map((at) => syllables[(number * step + at * step + at) % syllables.length]).join(''),
    )
    .map((word, at) => `${word}${syllables[Math.floor(number / syllables.length ** at) % syllables.length]}`)
    .join(' ');

export const privateScreeningBench: Bench = {
  name: 'private-screening',
  async open() {
    const { secretKey, publicKey } = newOprfKeyPair();
    const info = epochInfo({ network: new Uint8Array(32), holder: 'XA', asker: 'XB', month: '2026-11' });
    const suite = poprf(info);
    const entries = Array.from({ length: ENTRIES }, (_, number) => ({
      headerDigest: new Uint8Array(32).fill(number),
      recordId: new Uint8Array(16).fill(number),
      names: [nameOf(number)],
      identifiers: [],
    }));
    const keys = new Set(
      entries.flatMap((entry) => keysOfEntry(entry).map(({ bytes }) => Buffer.from(bytes).toString('hex'))),
    ).size;
    const inputs = Array.from({ length: KEYS }, (_, at) => utf8(`key ${at}`));
    const { Point } = ristretto255;
    const scalar = Point.Fn.fromBytes(secretKey);
    const multiply = () => {
      for (let at = 0; at < keys; at += 1)
        ristretto255_hasher.hashToCurve(utf8(`key ${at}`)).multiply(scalar);
    };
    return [
      {
        id: 'keys',
        what: `keys of ${ENTRIES} listed names evaluated for one partner`,
        unit: '/s',
        ours: perSecond(keys, async () => void (await evaluateSet({ entries, secretKey, info }))),
        against: [{ name: 'hash to the group and multiply, alone', measure: perSecond(keys, multiply) }],
        facts: () => ({ 'keys a name': keys / ENTRIES }),
      },
      {
        id: 'questions',
        what: 'questions of eight keys: blinded, evaluated with a proof, proof checked, finalized',
        unit: '/s',
        ours: perSecond(QUESTIONS, () => {
          for (let at = 0; at < QUESTIONS; at += 1) {
            const batch = suite.blind(inputs, publicKey);
            suite.finalize(batch, suite.evaluate(secretKey, batch.elements));
          }
        }),
        against: [
          {
            name: 'the holder alone',
            measure: (() => {
              const { elements } = suite.blind(inputs, publicKey);
              return perSecond(QUESTIONS, () => {
                for (let at = 0; at < QUESTIONS; at += 1) suite.evaluate(secretKey, elements);
              });
            })(),
          },
        ],
      },
    ];
  },
};
