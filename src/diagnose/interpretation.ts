/** Asks the thread that interprets recordings; starts it again where a question was its end. */
import { Worker } from 'node:worker_threads';
import type { Variant } from '../core/comparison.ts';
import type { MadeFile, StepFacts } from './interpret-step.ts';
import type { InterpretationInput, ScenarioFacts } from './interpreter.ts';

export type Question =
  | { readonly about: 'pass'; readonly variant: Variant; readonly pass: number }
  | { readonly about: 'step'; readonly name: string }
  | { readonly about: 'scenario' };
export type Facts = readonly MadeFile[] | StepFacts | ScenarioFacts;
export type Answer = { readonly ok: true; readonly value: Facts } | { readonly ok: false; readonly problem: string };

// `.ts` in the repository, `.js` in the package.
const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
const threadFile = new URL(`./interpret-thread.${ending}`, import.meta.url);

// A trace of 100 MB takes less than 1 GB; a thread that needs more ends alone, not the process that measures.
const limits = { maxOldGenerationSizeMb: 2048 };

export class Interpretation {
  private readonly input: InterpretationInput;
  private readonly signal: AbortSignal;
  private thread: Worker | undefined;
  /** Passes that could be read: a new thread reads them again. */
  private readonly known: Question[] = [];

  constructor(input: InterpretationInput, signal: AbortSignal) {
    this.input = input;
    this.signal = signal;
  }

  /** Reads a pass; steps are told from those that were read. @throws what reading throws, or the end of its thread */
  async pass(variant: Variant, pass: number): Promise<readonly MadeFile[]> {
    const question = { about: 'pass', variant, pass } as const;
    const files = (await this.ask(question)) as readonly MadeFile[];
    this.known.push(question);
    return files;
  }

  /** @throws as `pass` */
  async step(name: string): Promise<StepFacts> {
    return (await this.ask({ about: 'step', name })) as StepFacts;
  }

  /** @throws as `pass` */
  async scenario(): Promise<ScenarioFacts> {
    return (await this.ask({ about: 'scenario' })) as ScenarioFacts;
  }

  async close(): Promise<void> {
    await this.thread?.terminate();
    this.thread = undefined;
  }

  private async ask(question: Question): Promise<Facts> {
    this.signal.throwIfAborted();
    if (this.thread) return this.send(this.thread, question);
    const thread = this.start();
    for (const earlier of this.known) await this.send(thread, earlier);
    return this.send(thread, question);
  }

  private start(): Worker {
    // Not the hooks that the process has loaded for tests: they are no business of the thread.
    const thread = new Worker(threadFile, { workerData: this.input, resourceLimits: limits, execArgv: [] });
    const forget = (): void => {
      if (this.thread === thread) this.thread = undefined;
    };
    // Also between two questions.
    thread.on('error', forget).on('exit', forget);
    this.thread = thread;
    return thread;
  }

  private send(thread: Worker, question: Question): Promise<Facts> {
    return new Promise((resolve, reject) => {
      const end = (act: () => void): void => {
        thread.off('message', onAnswer).off('error', onError).off('exit', onExit);
        this.signal.removeEventListener('abort', onAbort);
        act();
      };
      const onAnswer = (answer: Answer): void =>
        end(() => (answer.ok ? resolve(answer.value) : reject(new Error(answer.problem))));
      const onError = (error: Error): void => end(() => reject(error));
      const onExit = (): void => onError(new Error('the thread that reads the recordings ended'));
      const onAbort = (): void => {
        void thread.terminate();
      };
      thread.on('message', onAnswer).on('error', onError).on('exit', onExit);
      this.signal.addEventListener('abort', onAbort);
      thread.postMessage(question);
    });
  }
}
