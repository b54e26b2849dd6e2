/** Check digits and forms of numbers: the part of this folder that a browser loads too, since it needs nothing of the rest. */
export { judgeImoShip } from './imo.ts';
export { judgeIso6346 } from './iso6346.ts';
export { judgeLei } from './lei.ts';
export { judgeAirWaybill } from './marks.ts';
export { judgeMmsi } from './mmsi.ts';
