import * as z from 'zod/mini';

export const countries = [
  'Austria',
  'Denmark',
  'France',
  'Germany',
  'Ireland',
  'Netherlands',
  'Norway',
  'Sweden',
] as const;

/** What the checkout form asks for, with the message that is shown beside a field. */
export const orderForm = z.object({
  name: z.string().check(z.trim(), z.minLength(1, 'Please give your name.')),
  email: z.email('Please give an email address, as in ada@example.com.'),
  street: z.string().check(z.trim(), z.minLength(3, 'Please give street and number.')),
  postcode: z.string().check(z.trim(), z.regex(/^[\w -]{3,10}$/, 'Not a postcode.')),
  city: z.string().check(z.trim(), z.minLength(1, 'Please give a city.')),
  country: z.enum(countries, 'Please choose a country.'),
  terms: z.literal('on', 'Please agree to the terms.'),
});

export type OrderField = keyof typeof orderForm.shape;
export type OrderErrors = Partial<Record<OrderField, string>>;

/** The checked values of a form, or a message for each field that is not right. */
export function readOrder(form: HTMLFormElement): { values: z.infer<typeof orderForm> } | { errors: OrderErrors } {
  const parsed = orderForm.safeParse(Object.fromEntries(new FormData(form)));
  if (parsed.success) return { values: parsed.data };
  const { fieldErrors } = z.flattenError(parsed.error);
  const errors: OrderErrors = {};
  for (const field of z.keyof(orderForm).options) {
    const [message] = fieldErrors[field] ?? [];
    if (message !== undefined) errors[field] = message;
  }
  return { errors };
}
