/**
 * Rejections that nobody waits for. puppeteer attaches to every target as it comes, and one that is gone by then rejects
 * into the void ("Target.setAutoAttach: Target closed", seen in Chrome 156 on a busy machine); the test runner takes
 * that for a failure of the test. While Lighthouse looks at a page, such a rejection is a problem of Lighthouse alone.
 */

/** Whether an error comes out of the code of Lighthouse or puppeteer; anybody else's stays what it was. */
function isTheirs(reason: unknown): boolean {
  if (!(reason instanceof Error)) return false;
  return reason.name === 'TargetCloseError' || /[\\/](puppeteer-core|lighthouse)[\\/]/.test(reason.stack ?? '');
}

/**
 * Takes those rejections until the returned function is called; all others go on to whoever listened before.
 * @param onStray told each of them
 */
export function takeStrayErrors(onStray: (error: unknown) => void): () => void {
  const others = process.listeners('unhandledRejection');
  const listener: NodeJS.UnhandledRejectionListener = (reason, promise) => {
    if (isTheirs(reason)) onStray(reason);
    else for (const other of others) other(reason, promise);
  };
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', listener);
  return () => {
    process.off('unhandledRejection', listener);
    for (const other of others) process.on('unhandledRejection', other);
  };
}
