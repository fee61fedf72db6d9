/** The picture of the bundles as it stands in the page before, or without, any script: boxes of a squarified treemap. */
import { hierarchy, type HierarchyRectangularNode, treemap, treemapSquarify } from 'd3-hierarchy';
import { type BundleNode, type Measure, measureOf, pruneTree } from './bundle-tree.ts';
import { quantity, share } from './view-format.ts';

/** Percentages of the picture, which is as wide as the page: text keeps its size. */
export interface BundleBox {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly tone: BundleNode['tone'];
  /** Holds other boxes; only its title is its own. */
  readonly frame: boolean;
  /** Where the part begins that never ran, from the top of the box in percent; null where all ran, or nobody knows. */
  readonly hatch: number | null;
  /** What fits, empty where nothing does. */
  readonly label: string;
  readonly size: string;
  /** Of boxes that hold no others. */
  readonly title: string;
}

/** Pixels in which it is laid out: about what the report has on a desktop. */
const plot = { width: 1000, height: 460 };
const mostBoxes = 120;
/** A frame smaller than that is drawn as one box. */
const leastFrame = 24;
/** Of the page's font at 11 px: mean width of a letter (bold in frames), and height of a line with its distance. */
const letter = { plain: 6.3, bold: 7 };
const line = 15;

/** The end of a path says more than its beginning. */
function fitLabel(name: string, width: number, frame: boolean): string {
  const most = Math.floor((width - 8) / (frame ? letter.bold : letter.plain));
  const short = name.length <= most ? name : name.slice(name.lastIndexOf('/') + 1);
  if (short.length <= most) return short;
  return most < 4 ? '' : `${short.slice(0, most - 1)}…`;
}

function boxTitle(node: BundleNode): string {
  const unused = node.unused === null || node.size === 0 ? '' : `, ${share(node.unused / node.size)} never ran`;
  return `${node.name}: ${quantity(node.transferred, 'bytes')} on the wire, ${quantity(node.size, 'bytes')} parsed${unused}`;
}

function percent(value: number, of: number): number {
  return Math.round((value / of) * 10_000) / 100;
}

function hasTitle({ x0, x1, y0, y1 }: HierarchyRectangularNode<BundleNode>): boolean {
  return y1 - y0 > 2.5 * line && x1 - x0 > 30;
}

function isFrame({ depth, children, x0, x1, y0, y1 }: HierarchyRectangularNode<BundleNode>): boolean {
  return children !== undefined && (depth === 0 || (x1 - x0 >= leastFrame && y1 - y0 >= leastFrame));
}

function boxOf(place: HierarchyRectangularNode<BundleNode>, measure: Measure): BundleBox[] {
  const { x0, x1, y0, y1, data } = place;
  const [width, height] = [x1 - x0, y1 - y0];
  if (place.depth === 0 || width < 1 || height < 1 || (place.parent && !isFrame(place.parent))) return [];
  const frame = isFrame(place);
  const unused = measure === 'unused' || !data.unused || data.size === 0 ? 0 : data.unused / data.size;
  const label = (frame ? hasTitle(place) : height >= line) ? fitLabel(data.name, width, frame) : '';
  const size = quantity(measureOf(data, measure), 'bytes');
  return [
    {
      x: percent(x0, plot.width),
      y: percent(y0, plot.height),
      width: percent(width, plot.width),
      height: percent(height, plot.height),
      tone: data.tone,
      frame,
      hatch: frame || unused === 0 ? null : Math.round((1 - unused) * 1000) / 10,
      label,
      size: frame || label === '' || height < 2 * line || width < (size.length + 1) * letter.plain ? '' : size,
      title: frame ? '' : boxTitle(data),
    },
  ];
}

/** Empty where nothing has a size by this measure. Frames come before what they hold. */
export function bundleBoxes(tree: readonly BundleNode[], measure: Measure): BundleBox[] {
  const children = pruneTree(tree, mostBoxes, [measure]);
  const root: BundleNode = { name: '', kind: 'script', size: 0, transferred: 0, unused: 0, tone: 'none', children };
  const sums = hierarchy(root, (node) => node.children)
    .sum((node) => (node.children.length > 0 ? 0 : measureOf(node, measure)))
    .sort((a, b) => (b.value ?? 0) - (a.value ?? 0));
  if (!sums.value) return [];
  const layout = treemap<BundleNode>()
    .tile(treemapSquarify)
    .size([plot.width, plot.height])
    .paddingInner(1)
    .paddingOuter((node) => (node.depth === 0 ? 0 : 2))
    .paddingTop((node) => (node.depth === 0 ? 0 : hasTitle(node) ? line + 1 : 2));
  return layout(sums)
    .descendants()
    .flatMap((place) => boxOf(place, measure));
}
