/** A page that could not be loaded or drawn says so, and leaves the way to the others. */
import { Component, type ReactNode } from 'react';
import { useText } from '../text/index.ts';
import { Icon } from './icons.tsx';

interface Props {
  readonly children: ReactNode;
}

export class Unbroken extends Component<Props, { readonly isBroken: boolean }> {
  override state = { isBroken: false };

  static getDerivedStateFromError() {
    return { isBroken: true };
  }

  override render() {
    return this.state.isBroken ? <Broken /> : this.props.children;
  }
}

function Broken() {
  const say = useText();
  return (
    <div className="notice bad" role="alert">
      <Icon name="alert" />
      <div className="stack">
        <p>{say('problem.page')}</p>
        <div>
          <button type="button" className="button" onClick={() => location.reload()}>
            <Icon name="refresh" />
            {say('action.reload')}
          </button>
        </div>
      </div>
    </div>
  );
}
