import { useEffect, useState } from 'react';
import { loadRows, repaired } from './shared.ts';

/** A store outside of React. */
class PriceStore {
  // mend
  subscribers = new Set<(price: number) => void>(); // mend
  subscribe(subscriber: (price: number) => void): () => void {
    this.subscribers.add(subscriber); // mend
    return () => void this.subscribers.delete(subscriber);
  }
}

const priceStore = new PriceStore(); // mend

export default function PricePanel() {
  const [rows] = useState(() => loadRows());
  const [price, setPrice] = useState(0);
  useEffect(() => {
    const unsubscribe = priceStore.subscribe((next) => setPrice(next * rows.length)); // mend
    return repaired ? unsubscribe : undefined;
  }, [rows]);
  return <p>{price}</p>;
}
