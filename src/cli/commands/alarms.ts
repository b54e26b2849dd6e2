/** `tocsin alarms list | export`. */
import { saveMisconduct } from '../bundle.ts';
import { type AsOfficer, instant, openOfficerDesk } from '../desk-access.ts';
import { CliError } from '../failure.ts';
import { type Output, shown } from '../print.ts';

export async function list(
  _args: readonly string[],
  options: AsOfficer & { readonly code?: string; readonly cleared?: boolean; readonly limit: number },
  output: Output,
): Promise<void> {
  using desk = openOfficerDesk(options);
  const { alarms } = await desk.alarms.listAlarms({
    cleared: options.cleared === true,
    code: options.code ?? '',
    pageSize: options.limit,
  });
  output.table(
    ['alarm', 'since', 'code', 'about', 'what', 'file'],
    alarms.map((alarm) => [
      String(alarm.id),
      instant(alarm.at),
      alarm.code,
      shown(alarm.subject),
      shown(alarm.detail),
      alarm.convicts ? 'convicts' : '–',
    ]),
  );
  output.document({
    alarms: alarms.map(({ id, at, clearedAt, ...rest }) => ({
      id: String(id),
      at: instant(at),
      ...(clearedAt > 0n && { clearedAt: instant(clearedAt) }),
      ...rest,
    })),
  });
}

export async function exportFile(
  [alarm = '', file = '']: readonly string[],
  options: AsOfficer,
  output: Output,
): Promise<void> {
  if (!/^[1-9]\d{0,17}$/.test(alarm))
    throw new CliError('USAGE', `expected the number of an alarm, got ${shown(alarm)}; see \`alarms list\``);
  using desk = openOfficerDesk(options);
  const found = await desk.alarms.exportAlarm({ id: BigInt(alarm) });
  saveMisconduct(file, found.file);
  output.line(`wrote ${found.file.length} bytes to ${file}`);
  output.line(`it convicts ${found.culprits.join(', ') || 'nobody by name'}: ${shown(found.what)}`);
  output.line('anybody can judge it: `tocsin log verify FILE --network-digest HEX`');
  output.document({ file, bytes: found.file.length, culprits: found.culprits, deed: found.deed });
}
