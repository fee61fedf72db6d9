import { use, useEffect, useRef, type ReactNode } from 'react';
import { useCart } from './cart.tsx';
import { leakObjects } from './leaks.ts';
import { faults } from './page-faults.ts';
import { NavigateContext } from './router.tsx';
import { formatPrice } from './shop-api.ts';

/** The cart, as a modal dialog from the moment it is mounted. */
export function CartDrawer({ onClose }: { onClose: () => void }): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null);
  const navigate = use(NavigateContext);
  const { lines, total, remove } = useCart();
  useEffect(() => {
    dialog.current?.showModal();
    leakObjects(faults.leak ?? {});
  }, []);
  return (
    <dialog ref={dialog} className="drawer" aria-labelledby="cart-title" onClose={onClose}>
      <header className="drawer-head">
        <h2 id="cart-title">Your cart</h2>
        <button type="button" className="quiet" aria-label="Close cart" onClick={() => dialog.current?.close()}>
          ×
        </button>
      </header>
      {lines.length === 0 && <p>Your cart is empty.</p>}
      <ul className="cart-lines">
        {lines.map(({ product, quantity }) => (
          <li key={product.slug}>
            <img src={product.image} alt="" width="72" height="54" />
            <div>
              <strong>{product.name}</strong>
              <span>
                {quantity} × {formatPrice(product.price)}
              </span>
            </div>
            <button
              type="button"
              className="quiet"
              aria-label={`Remove ${product.name}`}
              onClick={() => remove(product.slug)}
            >
              Remove
            </button>
          </li>
        ))}
      </ul>
      <footer className="drawer-foot">
        <p className="sum">
          <span>Total</span> <strong>{formatPrice(total)}</strong>
        </p>
        <button
          type="button"
          className="primary"
          disabled={lines.length === 0}
          onClick={() => {
            dialog.current?.close();
            navigate('/checkout');
          }}
        >
          Go to checkout
        </button>
      </footer>
    </dialog>
  );
}
