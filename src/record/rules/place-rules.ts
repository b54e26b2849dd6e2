/** Places and routes. */
import type { Place, Point, RouteLeg } from '../../gen/tocsin/record/v1/place.ts';
import { judgeUnlocode } from '../identifiers/unlocode.ts';
import type { ContentView } from '../kind-row.ts';
import { checkCountry, checkInstant, checkSubdivision, expectChoice, type Refs } from './basics.ts';

export function checkPoint(view: ContentView, path: string, point: Point | undefined): void {
  if (point === undefined) return;
  if (!(Math.abs(point.latitude) <= 90))
    view.fault(`${path}.latitude`, 'OUT_OF_RANGE', 'expected -90 to 90 degrees');
  if (!(Math.abs(point.longitude) <= 180))
    view.fault(`${path}.longitude`, 'OUT_OF_RANGE', 'expected -180 to 180 degrees');
}

export function checkPlace(
  view: ContentView,
  path: string,
  place: Place | undefined,
  required = false,
): void {
  if (place === undefined) {
    if (required) view.fault(path, 'REQUIRED', 'expected a place, got none');
    return;
  }
  checkCountry(view, `${path}.country`, place.country, true);
  checkSubdivision(view, `${path}.subdivision`, place.subdivision, place.country);
  if (place.unlocode !== '') {
    const code = judgeUnlocode(place.unlocode);
    if (!code.ok) view.doubt(`${path}.unlocode`, 'UNLOCODE', code.detail);
    else if (!code.value.startsWith(place.country))
      view.doubt(`${path}.unlocode`, 'UNLOCODE_COUNTRY', 'expected a code of the country stated');
  }
  checkPoint(view, `${path}.point`, place.point);
  if (place.point !== undefined && place.precisionM === 0)
    view.fault(`${path}.precisionM`, 'REQUIRED', 'expected the radius within which the point lies');
}

export function checkLegs(view: ContentView, path: string, legs: readonly RouteLeg[], refs: Refs): void {
  const numbers = new Set<string>();
  legs.forEach((leg, index) => {
    const at = `${path}[${index}]`;
    expectChoice(view, `${at}.mode`, leg.mode);
    expectChoice(view, `${at}.account`, leg.account);
    if (leg.seq === 0) view.fault(`${at}.seq`, 'REQUIRED', 'expected a number from 1');
    const key = `${leg.account}/${leg.seq}`;
    if (numbers.has(key)) view.fault(`${at}.seq`, 'DUPLICATE', 'expected each number once in an account');
    numbers.add(key);
    if (leg.from === undefined && leg.to === undefined)
      view.fault(at, 'REQUIRED', 'expected a start or an end, got neither');
    checkPlace(view, `${at}.from`, leg.from);
    checkPlace(view, `${at}.to`, leg.to);
    checkInstant(view, `${at}.departed`, leg.departed, {});
    checkInstant(view, `${at}.arrived`, leg.arrived, {});
    if (leg.departed > 0n && leg.arrived > 0n && leg.arrived < leg.departed)
      view.doubt(`${at}.arrived`, 'DATE_ORDER', 'expected an arrival that is not before the departure');
    refs.resolve(`${at}.conveyanceRef`, leg.conveyanceRef);
  });
}
