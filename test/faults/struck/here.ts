/** The ports of the node that this process is. */
import { StruckPorts } from '../../support/struck-ports.ts';

export const here = new StruckPorts();
