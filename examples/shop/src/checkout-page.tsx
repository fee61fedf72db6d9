import { useEffect, useState, type FormEvent, type ReactNode } from 'react';
import { useCart } from './cart.tsx';
import { countries, readOrder, type OrderErrors, type OrderField } from './order-form.ts';
import { Link } from './router.tsx';
import { formatPrice, placeOrder } from './shop-api.ts';

interface FieldProps {
  readonly name: OrderField;
  readonly label: string;
  readonly errors: OrderErrors;
  readonly autoComplete: string;
  readonly type?: 'text' | 'email';
}

function FieldError({ name, errors }: { name: OrderField; errors: OrderErrors }): ReactNode {
  return (
    <span id={`${name}-error`} className="field-error">
      {errors[name]}
    </span>
  );
}

function TextField({ name, label, errors, autoComplete, type = 'text' }: FieldProps): ReactNode {
  return (
    <div className="field">
      <label htmlFor={name}>{label}</label>
      <input
        id={name}
        name={name}
        type={type}
        autoComplete={autoComplete}
        aria-invalid={errors[name] !== undefined}
        aria-describedby={`${name}-error`}
      />
      <FieldError name={name} errors={errors} />
    </div>
  );
}

function OrderSummary(): ReactNode {
  const { lines, total } = useCart();
  return (
    <aside className="summary" aria-label="Order summary">
      <h2>Your order</h2>
      <ul>
        {lines.map(({ product, quantity }) => (
          <li key={product.slug}>
            <span>
              {quantity} × {product.name}
            </span>
            <span>{formatPrice(product.price * quantity)}</span>
          </li>
        ))}
      </ul>
      <p className="sum">
        <span>Total</span> <strong>{formatPrice(total)}</strong>
      </p>
    </aside>
  );
}

function ThankYou({ name, number }: { name: string; number: string }): ReactNode {
  // The form was longer than this page; whoever sent it stands near its end.
  useEffect(() => {
    // Chrome 156 returns a promise from it, which React would take for a clean-up.
    scrollTo(0, 0);
  }, []);
  return (
    <main className="page narrow">
      <h1>Thank you, {name}!</h1>
      <p>
        Your order <strong>{number}</strong> is on its way to our packing table.
      </p>
      <p>
        <Link to="/">Back to all products</Link>
      </p>
    </main>
  );
}

/** The form that turns a cart into an order, then thanks. */
export function CheckoutPage(): ReactNode {
  const { lines, clear } = useCart();
  const [errors, setErrors] = useState<OrderErrors>({});
  const [state, setState] = useState<'open' | 'sending' | 'failed' | { name: string; number: string }>('open');
  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const read = readOrder(event.currentTarget);
    if ('errors' in read) {
      setErrors(read.errors);
      return;
    }
    const { name, email } = read.values;
    setErrors({});
    setState('sending');
    try {
      const order = lines.map(({ product, quantity }) => ({ slug: product.slug, quantity }));
      const { number } = await placeOrder({ customer: { name, email }, lines: order });
      setState({ name, number });
      clear();
    } catch {
      setState('failed');
    }
  };
  if (typeof state === 'object') return <ThankYou {...state} />;
  if (lines.length === 0) {
    return (
      <main className="page narrow">
        <h1>Checkout</h1>
        <p>Your cart is empty.</p>
        <p>
          <Link to="/">Back to all products</Link>
        </p>
      </main>
    );
  }
  const count = Object.keys(errors).length;
  return (
    <main className="page">
      <h1>Checkout</h1>
      <div className="checkout">
        <form noValidate onSubmit={(event) => void submit(event)}>
          <p role="alert" className="form-error">
            {count > 0 && `Please correct ${count === 1 ? 'one field' : `${count} fields`}.`}
            {state === 'failed' && 'The order could not be placed. Please try again.'}
          </p>
          <TextField name="name" label="Full name" errors={errors} autoComplete="name" />
          <TextField name="email" label="Email" errors={errors} autoComplete="email" type="email" />
          <TextField name="street" label="Street and number" errors={errors} autoComplete="street-address" />
          <div className="field-row">
            <TextField name="postcode" label="Postcode" errors={errors} autoComplete="postal-code" />
            <TextField name="city" label="City" errors={errors} autoComplete="address-level2" />
          </div>
          <div className="field">
            <label htmlFor="country">Country</label>
            <select
              id="country"
              name="country"
              defaultValue=""
              autoComplete="country-name"
              aria-describedby="country-error"
            >
              <option value="">Choose…</option>
              {countries.map((country) => (
                <option key={country}>{country}</option>
              ))}
            </select>
            <FieldError name="country" errors={errors} />
          </div>
          <div className="field">
            <label className="check">
              <input type="checkbox" name="terms" aria-describedby="terms-error" /> I agree to the terms
            </label>
            <FieldError name="terms" errors={errors} />
          </div>
          <button type="submit" className="primary" disabled={state === 'sending'}>
            Place order
          </button>
        </form>
        <OrderSummary />
      </div>
    </main>
  );
}
