import { test } from 'pacewright';

test('buy a pair of boots', async ({ measure }) => {
  await measure(async ({ page, step }) => {
    await step('open the shop', async () => {
      await page.goto('/');
      await page.getByText('200 products').waitFor();
    });
    await step('search', async () => {
      await page.getByRole('searchbox').fill('boots');
      await page.getByText('12 results').waitFor();
    });
    await step('open a product', async () => {
      await page.getByRole('link', { name: 'Alder Hiking Boots' }).click();
      await page.getByRole('heading', { name: 'Alder Hiking Boots' }).waitFor();
    });
    await step('add to cart', async () => {
      await page.getByRole('button', { name: 'Add to cart' }).click();
      await page.getByText('1 in your cart').waitFor();
    });
    await step('look into the cart', async () => {
      await page.getByRole('button', { name: 'Cart (1)' }).click();
      await page.getByRole('dialog', { name: 'Your cart' }).getByText('Alder Hiking Boots').waitFor();
    });
  });
});
