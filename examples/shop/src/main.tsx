import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { CartProvider } from './cart.tsx';
import { faults } from './page-faults.ts';
import { loadRoute } from './router.tsx';
import { startFaults } from './start-faults.ts';

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');
// The code of the first page before the first render: a page in two goes would paint twice.
const first = await loadRoute(location.pathname);
createRoot(root).render(
  <CartProvider>
    <App first={first} />
  </CartProvider>,
);
startFaults(faults);
