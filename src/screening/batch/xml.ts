/// <reference path="./saxen.d.ts" />
/** XML of a workbook's parts, read once from the beginning to the end; a document type, which no workbook has, is refused. */
import { Parser } from 'saxen';
import { refuse } from './errors.ts';

export interface XmlEvents {
  /** Names are without their prefix: workbooks of some systems have one. */
  open(name: string, attribute: (name: string) => string | undefined): void;
  close(name: string): void;
  text(text: string): void;
}

const local = (name: string): string => name.slice(name.indexOf(':') + 1);

/** Throws WORKBOOK_CORRUPT, and whatever the listener throws. */
export function readXml(xml: string, { open, close, text }: XmlEvents): void {
  const parser = new Parser();
  const stopWith = (cause: unknown): never => {
    parser.stop();
    throw refuse(
      'WORKBOOK_CORRUPT',
      'expected a workbook whose parts are well-formed XML, got another; save it again',
      {
        cause,
      },
    );
  };
  parser
    .on('openTag', (name, attributes, decode) =>
      open(local(name), (wanted) => {
        const value = attributes()[wanted];
        return value === undefined ? undefined : decode(value);
      }),
    )
    .on('closeTag', (name) => close(local(name)))
    .on('text', (value, decode) => text(decode(value)))
    .on('cdata', text)
    .on('attention', (what) => {
      if (/^<!doctype/i.test(what)) stopWith(undefined);
    })
    .on('error', stopWith);
  parser.parse(xml);
}
