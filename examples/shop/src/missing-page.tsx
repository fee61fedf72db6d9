import type { ReactNode } from 'react';
import { Link } from './router.tsx';

export function MissingPage(): ReactNode {
  return (
    <main className="page narrow">
      <h1>Not in this shop</h1>
      <p>There is no page at this address.</p>
      <p>
        <Link to="/">Back to all products</Link>
      </p>
    </main>
  );
}
