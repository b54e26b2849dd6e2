/** Types of layers.js for the tests. */
export function judgeLayers(
  project: string,
  tools: string,
): {
  readonly violations: readonly {
    readonly from: string;
    readonly to: string;
    readonly rule: string;
    readonly comment: string;
  }[];
  readonly modules: readonly string[];
  readonly expected: number;
  readonly failure?: string;
};
