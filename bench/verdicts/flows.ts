/** The flows that pools are recorded of. */
import { buyBoots, checkOut } from '../../examples/shop/flows.ts';
import type { Flow } from '../../src/scenario/sample.ts';

export interface RecordedFlow {
  readonly name: string;
  /** The step whose main-thread CPU an effect is measured against. */
  readonly target: string;
  readonly flow: Flow;
}

const flows: readonly RecordedFlow[] = [
  { name: 'shop', target: 'open the shop', flow: buyBoots },
  { name: 'checkout', target: 'open a product', flow: checkOut },
];

/** @throws RangeError for a name that is none */
export function findFlow(name: string): RecordedFlow {
  const found = flows.find((flow) => flow.name === name);
  if (!found) throw new RangeError(`no flow "${name}"; there are ${flows.map((flow) => flow.name).join(', ')}`);
  return found;
}
