import { test } from 'pacewright';

test('check out', async ({ measure }) => {
  await measure(async ({ page, step }) => {
    await step('open a product', async () => {
      await page.goto('/products/alder-hiking-boots');
      await page.getByRole('heading', { name: 'Alder Hiking Boots' }).waitFor();
    });
    await step('add to cart', async () => {
      await page.getByRole('button', { name: 'Add to cart' }).click();
      await page.getByText('1 in your cart').waitFor();
    });
    await step('open the checkout', async () => {
      await page.getByRole('button', { name: 'Cart (1)' }).click();
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
  });
});
