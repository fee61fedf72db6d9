import type { Row } from './shared.ts';

export default function LateList({ rows }: { rows: readonly Row[] }) {
  return <p>{rows.length}</p>;
}
