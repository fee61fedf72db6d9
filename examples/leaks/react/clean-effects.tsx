import { useEffect, useMemo, useRef, useState } from 'react';
import { loadRows } from './shared.ts';

/** Every effect with its clean-up, a memo, a ref, state that changes twice. */
export default function TidyPanel() {
  const [rows, setRows] = useState(() => loadRows());
  const last = useRef<number[]>([]);
  const prices = useMemo(() => rows.map(({ price }) => price), [rows]);
  useEffect(() => {
    last.current = prices;
  }, [prices]);
  useEffect(() => {
    const onResize = () => setRows((old) => old.slice());
    addEventListener('resize', onResize);
    const timer = setTimeout(() => setRows((old) => old.toReversed()), 10);
    return () => {
      removeEventListener('resize', onResize);
      clearTimeout(timer);
    };
  }, []);
  return (
    <ul>
      {prices.slice(0, 20).map((price) => (
        <li key={price}>{price}</li>
      ))}
    </ul>
  );
}
