import { test } from 'pacewright';
import { buyBoots } from '../examples/shop/flows.ts';

test('buy a pair of boots', async ({ measure }) => {
  await measure(buyBoots);
});
