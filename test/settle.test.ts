import { describe, expect, test } from 'vitest';
import { type PageCalm, settle, type SettleWorld } from '../src/browser/settle.ts';

const limits = { quiet: 100, timeout: 5000 };

interface Request {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** A page on a clock of its own: it jumps to the next thing that happens, and nothing waits for real. */
class FakePage implements SettleWorld {
  time = 1000;
  asked = 0;
  readonly requests: readonly Request[];
  readonly answer: (time: number) => Partial<PageCalm> | undefined;

  constructor(requests: readonly Request[] = [], answer: FakePage['answer'] = () => ({})) {
    this.requests = requests;
    this.answer = answer;
  }

  now(): number {
    return this.time;
  }

  openRequests(): string[] {
    return this.requests.filter(({ start, end }) => start <= this.time && this.time < end).map(({ name }) => name);
  }

  private events(): number[] {
    return this.requests.flatMap(({ start, end }) => [start, end]);
  }

  sinceNetwork(): number {
    return this.time - Math.max(Number.NEGATIVE_INFINITY, ...this.events().filter((event) => event <= this.time));
  }

  networkChange(ms: number): Promise<void> {
    this.time = Math.min(this.time + ms, ...this.events().filter((event) => event > this.time));
    return Promise.resolve();
  }

  calm(limit: number): Promise<PageCalm | undefined> {
    this.asked += 1;
    const answer = this.answer(this.time);
    // Two frames, or all the time there is where the page does not answer.
    this.time += answer ? 32 : limit;
    return Promise.resolve(answer && { readyState: 'complete', sinceLongTask: null, painted: true, ...answer });
  }
}

describe('settle', () => {
  test('a page that does nothing has settled after the quiet time and its next paint, asked once', async () => {
    const page = new FakePage();
    expect(await settle(page, limits)).toEqual({ waited: 132, timedOut: false, waitingFor: [] });
    expect(page.asked).toBe(1);
  });

  test('a request 80 ms after the actions still belongs to the step', async () => {
    const page = new FakePage([{ name: 'GET /late', start: 1080, end: 1300 }]);
    expect((await settle(page, limits)).waited).toBe(300 + 100 + 32);
  });

  test('a request that starts while the page is asked is waited for', async () => {
    const page = new FakePage([{ name: 'GET /late', start: 1120, end: 1300 }]);
    expect((await settle(page, limits)).waited).toBe(300 + 100 + 32);
  });

  test('an open request is waited for, and 100 ms of quiet after it; meanwhile the page is left alone', async () => {
    const page = new FakePage([{ name: 'GET /a', start: 900, end: 1400 }]);
    expect(await settle(page, limits)).toEqual({ waited: 400 + 100 + 32, timedOut: false, waitingFor: [] });
    expect(page.asked).toBe(1);
  });

  test('a request that follows another within the quiet time is waited for', async () => {
    const page = new FakePage([
      { name: 'GET /a', start: 900, end: 1400 },
      { name: 'GET /b', start: 1450, end: 2000 },
    ]);
    expect((await settle(page, limits)).waited).toBeGreaterThanOrEqual(1100);
  });

  test('a long task starts the quiet time again', async () => {
    const page = new FakePage([], (time) => ({ sinceLongTask: time - 980 }));
    expect((await settle(page, limits)).waited).toBeGreaterThanOrEqual(80);
  });

  test('the load event is waited for', async () => {
    const page = new FakePage([], (time) => ({ readyState: time < 3000 ? 'interactive' : 'complete' }));
    expect((await settle(page, limits)).waited).toBeGreaterThanOrEqual(2000);
  });

  test('without a quiet time the first calm moment will do', async () => {
    const page = new FakePage([{ name: 'GET /a', start: 900, end: 1400 }]);
    expect((await settle(page, { ...limits, quiet: 0 })).waited).toBe(432);
  });
});

describe('when the time is up it says what it waited for', () => {
  const giveUp = async (page: FakePage): Promise<string> => {
    const settled = await settle(page, limits);
    expect(settled.timedOut).toBe(true);
    expect(settled.waited).toBeGreaterThanOrEqual(limits.timeout);
    return settled.waitingFor.join(' and ');
  };
  const forever = (name: string): Request => ({ name, start: 0, end: Number.POSITIVE_INFINITY });

  test('a request that never ends', async () => {
    expect(await giveUp(new FakePage([forever('GET /poll')]))).toBe('1 open request: GET /poll');
  });

  test('many requests', async () => {
    expect(await giveUp(new FakePage(['a', 'b', 'c', 'd', 'e'].map(forever)))).toBe(
      '5 open requests: a, b, c, and 2 more',
    );
  });

  test('requests in a row', async () => {
    const polling = Array.from({ length: 100 }, (_, index) => ({
      name: 'GET /poll',
      start: index * 80,
      end: index * 80 + 5,
    }));
    expect(await giveUp(new FakePage(polling))).toMatch(/^(100 ms without a request|1 open request: GET \/poll)$/);
  });

  test('long tasks in a row', async () => {
    expect(await giveUp(new FakePage([], () => ({ sinceLongTask: 20 })))).toBe('100 ms without a long task');
  });

  test('a document that never loads', async () => {
    expect(await giveUp(new FakePage([], () => ({ readyState: 'loading' })))).toBe(
      'the load event (document is loading)',
    );
  });

  test('a page that hangs', async () => {
    expect(await giveUp(new FakePage([], () => undefined))).toBe(
      'the page to answer (a navigation or a long task is under way)',
    );
  });

  test('no answer because the time is up says less than the answer before it', async () => {
    const page = new FakePage([], (time) => (time < 3000 ? { readyState: 'loading' } : undefined));
    expect(await giveUp(page)).toBe('the load event (document is loading)');
  });
});
