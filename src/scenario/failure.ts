/** From what a flow threw to what a document keeps: code, message, what to do next. */
import type { Failure, ScenarioDocument } from '../core/document.ts';
import { isPacewrightError } from '../core/errors.ts';
import { redactText } from '../core/text.ts';
import type { SampleFailure } from './sample-failure.ts';

/** The first lines of an error, redacted: Playwright's messages carry terminal colours and a call log. */
export function describeCause(error: Error): string {
  const [head = '', log = ''] = error.message.split('\nCall log:');
  const waits = log
    .split('\n')
    .map((line) => line.replace(/^\s*-\s*/, '').trim())
    .filter((line) => line !== '');
  return redactText([head.trim(), ...waits.slice(0, 3)].join(' · '), 600);
}

/** An error of the network that no flow can help, with what to do; undefined for any other. */
function explainNetworkError(message: string): { code: string; next: string } | undefined {
  const name = /net::(ERR_[A-Z_]+)/.exec(message)?.[1];
  if (name === undefined) return undefined;
  if (name.startsWith('ERR_CERT') || name.startsWith('ERR_SSL')) {
    return {
      code: 'PAGE_UNREACHABLE',
      next: 'the certificate is not trusted: `use: { ignoreHTTPSErrors: true }` accepts it for tests',
    };
  }
  if (name === 'ERR_TOO_MANY_REDIRECTS') {
    return {
      code: 'PAGE_UNREACHABLE',
      next: "the page redirects for ever: check cookies, `storageState` and the server's redirects",
    };
  }
  if (/ERR_(CONNECTION|NAME|ADDRESS|EMPTY|INTERNET|TIMED_OUT|NETWORK|SOCKET)/.test(name)) {
    return {
      code: 'PAGE_UNREACHABLE',
      next: 'is the server up? Let Playwright start it (`webServer` in playwright.config.ts) and check `baseURL`',
    };
  }
  return undefined;
}

/** The failure of a sample, as the document keeps it. */
export function toFailure(failure: SampleFailure, sample: number): Failure {
  const { cause } = failure;
  const network = explainNetworkError(cause.message);
  const own = isPacewrightError(cause) ? { code: cause.code, next: cause.next } : undefined;
  const about = own ??
    network ?? {
      code: 'FLOW_FAILED',
      next: 'the flow threw: see the screenshot, and run the test with `--debug` to watch it',
    };
  return { ...about, message: describeCause(cause), step: failure.step, sample, screenshot: failure.screenshot };
}

/** An error with the user's own stack, and a message that says where in the flow it happened. */
export function describeFailure(failure: SampleFailure, document: ScenarioDocument): Error {
  const about = document.failure;
  const where = failure.step === null ? 'The flow' : `Step "${failure.step}"`;
  const error = new Error(
    `${where} failed in sample ${about?.sample ?? 0} (${about?.code ?? 'FLOW_FAILED'}): ${failure.cause.message}\n  Next: ${about?.next ?? ''}`,
  );
  const frames = failure.cause.stack?.split('\n').filter((line) => /^\s+at /.test(line)) ?? [];
  error.stack = `${error.name}: ${error.message}\n${frames.join('\n')}`;
  return error;
}
