/** Ships, aircraft, vehicles, containers and consignments. */
import type {
  Aircraft,
  Consignment,
  Container,
  Vehicle,
  Vessel,
} from '../../gen/tocsin/record/v1/conveyance.ts';
import type { IdentifierCheck } from '../identifiers/check.ts';
import { judgeImoShip } from '../identifiers/imo.ts';
import { judgeIso6346 } from '../identifiers/iso6346.ts';
import { judgeAircraftMark, judgeAirWaybill, judgeCallSign, judgeIcao24 } from '../identifiers/marks.ts';
import { judgeMmsi } from '../identifiers/mmsi.ts';
import type { ContentView } from '../kind-row.ts';
import { checkCountry, checkPeriod, expectSome, type Refs } from './basics.ts';
import { checkTradeCodes } from './item-rules.ts';

/** An identifier that may be absent; what is wrong is refused when typed and flagged when imported. */
export function checkIdentifier(
  view: ContentView,
  path: string,
  code: string,
  text: string,
  judge: (text: string) => IdentifierCheck,
): void {
  if (text === '') return;
  const check = judge(text);
  if (!check.ok) view.doubt(path, code, check.detail);
}

export function checkVessels(view: ContentView, path: string, vessels: readonly Vessel[], refs: Refs): void {
  vessels.forEach((vessel, index) => {
    const at = `${path}[${index}]`;
    refs.declare(`${at}.ref`, vessel.ref);
    if (vessel.names.length === 0 && vessel.imo === '' && vessel.mmsi === '')
      view.fault(at, 'REQUIRED', 'expected a name or a number of the ship, got none');
    vessel.names.forEach((name, nameIndex) => {
      expectSome(view, `${at}.names[${nameIndex}].text`, name.text);
      checkPeriod(view, `${at}.names[${nameIndex}].period`, name.period);
    });
    vessel.flags.forEach((flag, flagIndex) => {
      checkCountry(view, `${at}.flags[${flagIndex}].country`, flag.country, true);
      checkPeriod(view, `${at}.flags[${flagIndex}].period`, flag.period);
    });
    checkIdentifier(view, `${at}.imo`, 'IMO_SHIP', vessel.imo, judgeImoShip);
    checkIdentifier(view, `${at}.mmsi`, 'MMSI', vessel.mmsi, judgeMmsi);
    checkIdentifier(view, `${at}.callSign`, 'CALL_SIGN', vessel.callSign, judgeCallSign);
  });
}

export function checkAircraft(
  view: ContentView,
  path: string,
  aircraft: readonly Aircraft[],
  refs: Refs,
): void {
  aircraft.forEach((one, index) => {
    const at = `${path}[${index}]`;
    refs.declare(`${at}.ref`, one.ref);
    if (one.registrations.length === 0 && one.icao24 === '' && one.serialNumber === '')
      view.fault(at, 'REQUIRED', 'expected a registration or a number of the aircraft, got none');
    one.registrations.forEach((registration, markIndex) => {
      const markAt = `${at}.registrations[${markIndex}]`;
      expectSome(view, `${markAt}.mark`, registration.mark);
      checkIdentifier(view, `${markAt}.mark`, 'AIRCRAFT_MARK', registration.mark, judgeAircraftMark);
      checkPeriod(view, `${markAt}.period`, registration.period);
    });
    checkIdentifier(view, `${at}.icao24`, 'ICAO24', one.icao24, judgeIcao24);
  });
}

export function checkVehicles(
  view: ContentView,
  path: string,
  vehicles: readonly Vehicle[],
  refs: Refs,
): void {
  vehicles.forEach((vehicle, index) => {
    const at = `${path}[${index}]`;
    refs.declare(`${at}.ref`, vehicle.ref);
    if (vehicle.plate === '' && vehicle.type === '')
      view.fault(at, 'REQUIRED', 'expected a number plate or a type, got neither');
    checkCountry(view, `${at}.plateCountry`, vehicle.plateCountry);
  });
}

export function checkContainers(
  view: ContentView,
  path: string,
  containers: readonly Container[],
  refs: Refs,
): void {
  containers.forEach((container, index) => {
    const at = `${path}[${index}]`;
    refs.declare(`${at}.ref`, container.ref);
    expectSome(view, `${at}.number`, container.number);
    checkIdentifier(view, `${at}.number`, 'CONTAINER', container.number, judgeIso6346);
  });
}

/** Shippers and consignees are entities of the record: those are to be declared before. */
export function checkConsignments(
  view: ContentView,
  path: string,
  consignments: readonly Consignment[],
  refs: Refs,
): void {
  consignments.forEach((consignment, index) => {
    const at = `${path}[${index}]`;
    refs.declare(`${at}.ref`, consignment.ref);
    checkIdentifier(view, `${at}.airWaybill`, 'AIR_WAYBILL', consignment.airWaybill, judgeAirWaybill);
    checkTradeCodes(view, `${at}.tradeCodes`, consignment.tradeCodes);
    refs.resolve(`${at}.shipperRef`, consignment.shipperRef);
    refs.resolve(`${at}.consigneeRef`, consignment.consigneeRef);
    refs.resolve(`${at}.notifyRef`, consignment.notifyRef);
  });
}
