/** The modules of the flame graph in the page, which are plain JavaScript, with the types that tests need. */
import type { Profile, ProfileFrame } from '../../src/core/profile.ts';

export interface Tree {
  readonly frames: ReadonlyArray<ProfileFrame & { readonly folded?: number }>;
  readonly threads: ReadonlyArray<{ readonly name: string; readonly root: number }>;
  readonly parent: Int32Array;
  readonly frame: Int32Array;
  readonly self: Float64Array;
  readonly base: Float64Array | null;
}

export interface Shape {
  readonly frames: Tree['frames'];
  readonly roots: Tree['threads'];
  readonly parent: Int32Array;
  readonly frame: Int32Array;
  readonly self: Float64Array;
  readonly total: Float64Array;
  readonly base: { readonly self: Float64Array; readonly total: Float64Array } | null;
}

export interface Layout extends Shape {
  readonly width: Float64Array;
  readonly start: Float64Array;
  readonly row: Int32Array;
  readonly rows: readonly Int32Array[];
  readonly span: number;
}

export interface FunctionRow {
  readonly index: number;
  readonly frame: ProfileFrame;
  readonly self: number;
  readonly total: number;
  readonly baseSelf: number;
  readonly baseTotal: number;
}

interface FlameModules {
  unpackProfile(text: string): Promise<Profile>;
  treeOf(profile: Profile): Tree;
  mergeTrees(parts: ReadonlyArray<{ tree: Tree; base: boolean }>): Tree;
  foldTree(tree: Tree, options: { thirdParties: boolean; libraries: boolean }): Tree;
  topDown(tree: Tree, threads: readonly number[]): Shape;
  bottomUp(tree: Tree, threads: readonly number[]): Shape;
  layOut(shape: Shape, options: { heaviestFirst: boolean }): Layout;
  nodeAt(layout: Layout, row: number, x: number): number;
  findMatches(shape: Shape, query: string): { functions: number; time: number };
  sumFunctions(shape: Shape): FunctionRow[];
  toSpeedscope(tree: Tree, name: string): string;
  toFolded(tree: Tree): string;
  timeText(ms: number): string;
  changeText(ms: number): string;
  shareText(part: number, whole: number): string;
}

async function load(name: string): Promise<object> {
  const url = new URL(`../../src/report/templates/flame-${name}.js`, import.meta.url);
  const loaded: object = await import(url.href);
  return loaded;
}

const parts = await Promise.all(['tree', 'layout', 'sums', 'export', 'words'].map(load));
export const flame = Object.assign({}, ...parts) as FlameModules;
