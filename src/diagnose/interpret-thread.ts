/** The thread in which recordings are interpreted: answers one question at a time. Started by path. */
import { parentPort, workerData } from 'node:worker_threads';
import { describeError } from './describe-error.ts';
import { type InterpretationInput, Interpreter } from './interpreter.ts';
import type { Answer, Facts, Question } from './interpretation.ts';

const interpreter = new Interpreter(workerData as InterpretationInput);

async function work(question: Question): Promise<Facts> {
  switch (question.about) {
    case 'pass':
      return interpreter.pass(question.variant, question.pass);
    case 'step':
      return interpreter.step(question.name);
    case 'scenario':
      return interpreter.scenario();
  }
}

async function answer(question: Question): Promise<Answer> {
  try {
    return { ok: true, value: await work(question) };
  } catch (error) {
    return { ok: false, problem: describeError(error) };
  }
}

parentPort?.on('message', (question: Question) => {
  void answer(question).then((reply) => parentPort?.postMessage(reply));
});
