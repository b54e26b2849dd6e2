/** A place on the map, in degrees. */
export interface MapPosition {
  readonly latitude: number;
  readonly longitude: number;
}

export interface MapPoint {
  /** What is selected by it. */
  readonly key: string;
  readonly latitude: number;
  readonly longitude: number;
  readonly name: string;
  readonly urgent: boolean;
}
