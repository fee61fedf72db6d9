const undoSteps: (() => number)[] = [];

/** Leaks `count` closures, each over an array of 64 numbers of its own. */
export function rememberUndo(count: number): void {
  for (let at = 0; at < count; at++) {
    const snapshot = Array.from({ length: 64 }, (_, cell) => at + cell / 3);
    undoSteps.push(() => snapshot.reduce((sum, cell) => sum + cell, 0));
  }
}
