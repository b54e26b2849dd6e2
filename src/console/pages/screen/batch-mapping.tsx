/** Which column is what: the guess, how sure it is, what stands there; a person says yes or puts it right. */
import { useState } from 'react';
import { BATCH_FIELDS } from '../../../screening/batch/fields.ts';
import type { BatchField, ColumnMapping } from '../../../screening/batch/index.ts';
import { Foreign } from '../../parts/foreign.tsx';
import { Icon } from '../../parts/icons.tsx';
import { TableFrame } from '../../parts/table-frame.tsx';
import { useNumber } from '../../parts/time.tsx';
import { useText } from '../../text/index.ts';
import type { ReadFile } from '../../worker/batch-messages.ts';
import { FileFault } from './file-fault.tsx';

interface MappingProps {
  readonly name: string;
  readonly file: ReadFile;
  readonly fault: unknown;
  readonly onConfirm: (mapping: ColumnMapping, keep: boolean) => void;
  readonly onOther: () => void;
}

export function BatchMapping({ name, file, fault, onConfirm, onOther }: MappingProps) {
  const say = useText();
  const number = useNumber();
  const [mapping, setMapping] = useState<ColumnMapping>(file.guesses.map(({ field }) => field));
  const [keep, setKeep] = useState(false);
  return (
    <form
      className="card stack"
      onSubmit={(event) => {
        event.preventDefault();
        onConfirm(mapping, keep);
      }}
    >
      <h2>{say('screen.columns')}</h2>
      <p className="soft">
        <Foreign text={name} /> · {say('screen.columnsHint')}
      </p>
      {file.encodingGuessed && (
        <div className="notice warn">
          <Icon name="info" />
          <p>{say('screen.encodingGuessed')}</p>
        </div>
      )}
      <FileFault fault={fault} />
      <TableFrame label={say('screen.columns')}>
        <table className="table mapping">
          <thead>
            <tr>
              <th scope="col">{say('screen.column')}</th>
              <th scope="col">{say('screen.field')}</th>
              <th scope="col">{say('screen.sure')}</th>
              <th scope="col">{say('screen.sample')}</th>
            </tr>
          </thead>
          <tbody>
            {file.guesses.map(({ column, header, field, confidence, sample }) => (
              <tr key={column}>
                <th scope="row" id={`column-${column}`}>
                  <Foreign text={header} most={60} />
                </th>
                <td>
                  <select
                    className="input"
                    aria-labelledby={`column-${column}`}
                    value={mapping[column] ?? ''}
                    onChange={(event) =>
                      setMapping(
                        mapping.with(
                          column,
                          event.target.value === '' ? undefined : (event.target.value as BatchField),
                        ),
                      )
                    }
                  >
                    <option value="">{say('screen.notUsed')}</option>
                    {BATCH_FIELDS.map((one) => (
                      <option key={one} value={one}>
                        {say(`screen.field.${one}`)}
                      </option>
                    ))}
                  </select>
                </td>
                <td className="sure">
                  {field !== undefined && field === mapping[column] && `${Math.round(confidence * 100)} %`}
                </td>
                <td>
                  {sample.map((cell, at) => (
                    // biome-ignore lint/suspicious/noArrayIndexKey: samples may be alike
                    <div key={at} className="sample">
                      <Foreign text={cell} most={60} />
                    </div>
                  ))}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableFrame>
      <label className="check">
        <input type="checkbox" checked={keep} onChange={(event) => setKeep(event.target.checked)} />
        {say('screen.keepBatch')}
      </label>
      <div className="row">
        <button type="submit" className="button primary">
          <Icon name="search" />
          {say('screen.confirm', { rows: number(file.rows) })}
        </button>
        <button type="button" className="button" onClick={onOther}>
          {say('screen.anotherFile')}
        </button>
      </div>
    </form>
  );
}
