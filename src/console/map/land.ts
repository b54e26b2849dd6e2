/** Shapes of the countries, loaded when a map is shown. Its address has the digest of its content; see deploy/console.js. */
import type { Topology } from 'topojson-specification';

declare const TOCSIN_LAND: string;

export async function loadLand(): Promise<Topology> {
  const response = await fetch(`/${TOCSIN_LAND}`);
  return (await response.json()) as Topology;
}
