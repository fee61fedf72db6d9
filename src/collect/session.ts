/** The DevTools session of a sample's page, and the recorder in its isolated world. */
import type { CDPSession, Page } from '@playwright/test';
import type { PageCalm } from '../browser/settle.ts';
import { bindingName, type PageRecords, recorderSource, worldName } from './recorder.ts';

export interface Recorder {
  readonly session: CDPSession;
  /** What the page recorded since the last call, the documents that a navigation replaced first. */
  flush(): Promise<PageRecords[]>;
  calm(limit: number): Promise<PageCalm | undefined>;
  dispose(): void;
}

/** Attaches to a page before its first navigation. */
export async function attachRecorder(page: Page): Promise<Recorder> {
  const session = await page.context().newCDPSession(page);
  let context: string | undefined;
  let handedOver: PageRecords[] = [];
  const tree = await session.send('Page.getFrameTree');
  const mainFrame = tree.frameTree.frame.id;
  session.on('Runtime.executionContextCreated', (event) => {
    const about = event.context.auxData as { frameId?: string } | undefined;
    if (event.context.name === worldName && about?.frameId === mainFrame) context = event.context.uniqueId;
  });
  session.on('Runtime.executionContextsCleared', () => (context = undefined));
  session.on('Runtime.bindingCalled', (event) => {
    if (event.name === bindingName) handedOver.push(JSON.parse(event.payload) as PageRecords);
  });
  await Promise.all([
    session.send('Runtime.enable'),
    session.send('Page.enable'),
    session.send('Runtime.addBinding', { name: bindingName, executionContextName: worldName }),
    session.send('Page.addScriptToEvaluateOnNewDocument', { source: recorderSource, worldName }),
  ]);

  // A navigation may take the document away in mid-question: then there is no answer, which is an answer too.
  const ask = async <Answer>(expression: string): Promise<Answer | undefined> => {
    if (context === undefined) return undefined;
    try {
      const reply = await session.send('Runtime.evaluate', {
        expression,
        uniqueContextId: context,
        awaitPromise: true,
        returnByValue: true,
      });
      return reply.exceptionDetails ? undefined : (reply.result.value as Answer);
    } catch {
      return undefined;
    }
  };
  return {
    session,
    flush: async () => {
      const current = await ask<PageRecords>('__pacewright.flush()');
      const all = current ? [...handedOver, current] : handedOver;
      handedOver = [];
      return all;
    },
    calm: async (limit) => {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), limit)));
      const answer = await Promise.race([ask<PageCalm>(`__pacewright.calm(${Math.ceil(limit)})`), late]);
      clearTimeout(timer);
      return answer;
    },
    // Not awaited: a crashed or hanging renderer never answers, and closing the context ends the session anyway.
    dispose: () => void session.detach().catch(() => {}),
  };
}
