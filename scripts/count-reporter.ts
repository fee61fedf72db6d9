import type { Reporter, SerializedError, TestModule } from 'vitest/node';

/**
 * Ends the output with one line that a script can read: `12 passed, 1 failed, 2 skipped`.
 * A file that could not be loaded and an error outside of any test count as failures, as they fail the run.
 */
export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    const counts = { passed: 0, failed: errors.length, skipped: 0 };
    for (const module of modules) {
      if (module.errors().length > 0) counts.failed += 1;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'passed') counts.passed += 1;
        else if (state === 'skipped') counts.skipped += 1;
        // Pending: the run was stopped before the test ended.
        else counts.failed += 1;
      }
    }
    const { passed, failed, skipped } = counts;
    const line = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
    // vitest prints its summary after this call returns; only an exit handler comes last for sure.
    process.once('exit', () => process.stdout.write(`${line}\n`));
  }
}
