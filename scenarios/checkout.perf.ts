import { test } from 'pacewright';
import { checkOut } from '../examples/shop/flows.ts';

test('check out', async ({ measure }) => {
  await measure(checkOut);
});
