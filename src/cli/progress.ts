/** Progress of long work on standard error: a line that rewrites itself on a terminal, a few lines elsewhere. */

export interface Progress {
  at(step: string, done: number, total: number): void;
  end(): void;
}

const EVERY_MS = 200;

export function createProgress(title: string, stream: NodeJS.WriteStream = process.stderr): Progress {
  let step = '';
  let last = 0;
  let open = false;
  return {
    at(nextStep, done, total) {
      const now = performance.now();
      const finished = total > 0 && done >= total;
      if (stream.isTTY !== true) {
        if (nextStep !== step) stream.write(`${title}: ${nextStep}${total > 0 ? ` (${total})` : ''}\n`);
        step = nextStep;
        return;
      }
      if (nextStep === step && !finished && now - last < EVERY_MS) return;
      step = nextStep;
      last = now;
      const share = total > 0 ? ` ${String(Math.floor((done / total) * 100)).padStart(3)} %` : '';
      stream.write(`\r\u001b[K${title}: ${step} ${done}${total > 0 ? `/${total}` : ''}${share}`);
      open = true;
    },
    end() {
      if (open) stream.write('\n');
    },
  };
}
