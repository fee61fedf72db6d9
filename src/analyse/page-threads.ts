/** Which threads of a trace belong to the page under test, and which of them is its main thread. */
import { asArray, asNumber, asObject, asText, type JsonObject } from './json-values.ts';
import type { TraceThread } from './trace-data.ts';

/** One sighting of a document in a process. */
interface Sighting {
  readonly pid: number;
  readonly frame: string;
  readonly url: string;
  readonly outermost: boolean;
}

export interface ThreadRole {
  readonly pid: number;
  readonly tid: number;
  readonly kind: TraceThread['kind'];
  readonly url: string;
}

/** A thread that may have a role, with the time of its tasks in µs. */
export interface ThreadCandidate {
  readonly pid: number;
  readonly tid: number;
  readonly taskTime: number;
}

/** Chrome's own pages: the new tab, the address bar's list, DevTools, extensions. */
const ownPage = /^(chrome|chrome-untrusted|chrome-extension|devtools|edge|brave):/i;
const ownProcess = /^(WebUI|Extension|DevTools)/i;
const noPage = /^(about:|$)/i;

export class PageThreads {
  readonly #threadNames = new Map<string, string>();
  readonly #processNames = new Map<number, string>();
  readonly #sightings: Sighting[] = [];
  readonly #workers = new Map<string, string>();

  /** Takes note of events that tell of processes, threads, documents and workers. */
  add(event: { readonly name: string; readonly pid: number; readonly tid: number; readonly args: JsonObject }): void {
    const { name, pid, tid, args } = event;
    const data = asObject(args['data']);
    switch (name) {
      case 'thread_name':
        this.#threadNames.set(`${pid} ${tid}`, asText(args['name']) ?? '');
        break;
      case 'process_name':
        this.#processNames.set(pid, asText(args['name']) ?? '');
        break;
      case 'TracingStartedInBrowser':
        for (const frame of asArray(data['frames'])) this.#see(asObject(frame), null);
        break;
      case 'FrameCommittedInBrowser':
        this.#see(data, null);
        break;
      case 'CommitLoad':
        this.#see(data, pid);
        break;
      case 'TracingSessionIdForWorker':
        this.#workers.set(`${pid} ${asNumber(data['workerThreadId']) ?? tid}`, asText(data['url']) ?? '');
        break;
    }
  }

  #see(frame: JsonObject, pid: number | null): void {
    const process = pid ?? asNumber(frame['processId']);
    if (process === null || this.#sightings.length >= 10_000) return;
    const outermost = frame['isOutermostMainFrame'] ?? frame['isMainFrame'];
    this.#sightings.push({
      pid: process,
      frame: asText(frame['frame']) ?? '',
      url: asText(frame['url']) ?? '',
      // What is being prerendered has no parent either, but is not in the primary frame tree.
      outermost:
        typeof outermost === 'boolean'
          ? outermost && frame['isInPrimaryMainFrame'] !== false
          : asText(frame['parent']) === null,
    });
  }

  /**
   * The page is the document outside of all others on whose main threads most work was done. A navigation may bring
   * it to another process, so it can have several main threads. Where no event tells of documents (no navigation
   * while tracing), it is the renderer that worked most.
   */
  assign(candidates: readonly ThreadCandidate[]): ThreadRole[] {
    const named = [...this.#threadNames.values()].includes('CrRendererMain');
    const mains = candidates.filter(
      ({ pid, tid }) =>
        // Without names, which a cut trace may lack, any thread may be it.
        (!named || this.#threadNames.get(`${pid} ${tid}`) === 'CrRendererMain') && !this.#isOwn(pid),
    );
    const pages = this.#pages(mains);
    const roles = mains.flatMap(({ pid, tid }): ThreadRole[] => {
      const url = pages.get(pid);
      if (url !== undefined) return [{ pid, tid, kind: 'main', url }];
      const document = this.#sightings.findLast((one) => one.pid === pid && !noPage.test(one.url));
      return document ? [{ pid, tid, kind: 'frame', url: document.url }] : [];
    });
    const processes = new Set(roles.map(({ pid }) => pid));
    for (const { pid, tid } of candidates) {
      const key = `${pid} ${tid}`;
      const url = this.#workers.get(key);
      const isWorker = url !== undefined || /^(Dedicated|Shared|Service)Worker/.test(this.#threadNames.get(key) ?? '');
      if (!isWorker || this.#isOwn(pid) || !(processes.has(pid) || url !== undefined)) continue;
      if (roles.some((role) => role.pid === pid && role.tid === tid)) continue;
      roles.push({ pid, tid, kind: 'worker', url: url ?? '' });
    }
    const rank = { main: 0, frame: 1, worker: 2 };
    return roles.sort((a, b) => rank[a.kind] - rank[b.kind]);
  }

  #isOwn(pid: number): boolean {
    if (ownProcess.test(this.#processNames.get(pid) ?? '')) return true;
    const seen = this.#sightings.filter((one) => one.pid === pid && !noPage.test(one.url));
    return seen.length > 0 && seen.every(({ url }) => ownPage.test(url));
  }

  /** Processes of the page, with its last URL there. */
  #pages(mains: readonly ThreadCandidate[]): ReadonlyMap<number, string> {
    const outermost = this.#sightings.filter((one) => one.outermost && !this.#isOwn(one.pid));
    const timeOf = (pids: ReadonlySet<number>): number =>
      mains.reduce((sum, { pid, taskTime }) => sum + (pids.has(pid) ? taskTime : 0), 0);
    let best: { pids: ReadonlySet<number>; time: number; frame: string } | null = null;
    for (const [frame, sightings] of Map.groupBy(outermost, (one) => one.frame)) {
      const pids = new Set(sightings.map(({ pid }) => pid));
      const time = timeOf(pids);
      if (mains.some(({ pid }) => pids.has(pid)) && (best === null || time > best.time)) best = { pids, time, frame };
    }
    if (best === null) {
      const documents = new Set(this.#sightings.map(({ pid }) => pid));
      const rest = mains.filter(({ pid }) => !documents.has(pid));
      const busiest = (rest.length > 0 ? rest : mains).toSorted((a, b) => b.taskTime - a.taskTime)[0];
      return new Map(busiest ? [[busiest.pid, '']] : []);
    }
    const { pids, frame } = best;
    return new Map(
      [...pids].map((pid) => [
        pid,
        outermost.findLast((one) => one.pid === pid && one.frame === frame && !noPage.test(one.url))?.url ?? '',
      ]),
    );
  }
}
