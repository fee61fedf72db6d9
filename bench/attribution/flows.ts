/** What a user does in the shop, as the scenarios do it: every function that a step runs may be made slow. */
import type { TracedFlow } from '../../test/fixtures/findings/pass.ts';

export const flows: Readonly<Record<string, TracedFlow>> = {
  buy: async ({ page, step }) => {
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
    await step('open the checkout', async () => {
      await page.getByRole('button', { name: 'Go to checkout' }).click();
      await page.getByRole('heading', { name: 'Checkout' }).waitFor();
    });
    await step('fill in the form', async () => {
      await page.getByLabel('Full name').fill('Ada Lovelace');
      await page.getByLabel('Email').fill('ada@example.com');
      await page.getByLabel('Street and number').fill('Long Way 12');
      await page.getByLabel('Postcode').fill('10115');
      await page.getByLabel('City').fill('Berlin');
      await page.getByLabel('Country').selectOption('Germany');
      await page.getByLabel('I agree to the terms').check();
    });
    await step('place the order', async () => {
      await page.getByRole('button', { name: 'Place order' }).click();
      await page.getByText('Thank you, Ada Lovelace!').waitFor();
    });
  },
};
