/** Asks the thread that interprets recordings; starts it again where a question was its end. */
import { Worker } from 'node:worker_threads';
import type { StepFacts } from './interpret-step.ts';
import type { InterpretationInput, ScenarioFacts } from './interpreter.ts';

export type Question = { readonly about: 'scenario' } | { readonly about: 'step'; readonly name: string };
export type Facts = ScenarioFacts | StepFacts;
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

  constructor(input: InterpretationInput, signal: AbortSignal) {
    this.input = input;
    this.signal = signal;
  }

  /** @throws what the interpretation throws, and where its thread ends */
  async step(name: string): Promise<StepFacts> {
    return (await this.ask({ about: 'step', name })) as StepFacts;
  }

  /** @throws what the interpretation throws, and where its thread ends */
  async scenario(): Promise<ScenarioFacts> {
    return (await this.ask({ about: 'scenario' })) as ScenarioFacts;
  }

  async close(): Promise<void> {
    await this.thread?.terminate();
    this.thread = undefined;
  }

  private start(): Worker {
    const thread = new Worker(threadFile, {
      workerData: this.input,
      resourceLimits: limits,
      // Not those of the process: what hooks it loads for tests is no business of the thread.
      execArgv: [],
    });
    this.thread = thread;
    return thread;
  }

  private ask(question: Question): Promise<Facts> {
    this.signal.throwIfAborted();
    const thread = this.thread ?? this.start();
    return new Promise((resolve, reject) => {
      const end = (act: () => void): void => {
        thread.off('message', onAnswer).off('error', onError).off('exit', onExit);
        this.signal.removeEventListener('abort', onAbort);
        act();
      };
      const onAnswer = (answer: Answer): void =>
        end(() => (answer.ok ? resolve(answer.value) : reject(new Error(answer.problem))));
      const onError = (error: Error): void =>
        end(() => {
          this.thread = undefined;
          reject(error);
        });
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
