/**
 * What in a step costs time, where in the source, and what to try: all rules that read a trace and a profile. Findings
 * about the network and about bundles are those of network-findings.ts and bundle-findings.ts.
 */
import type { Finding } from '../core/finding.ts';
import { findBusyEvents, findCollection, findTimers } from './event-findings.ts';
import { findLibraryCost, findThirdParties } from './foreign-findings.ts';
import { findManyCalls, findPlateaus, findWideTowers, findWorkerPlateaus } from './function-findings.ts';
import { type FactsInput, gatherFacts } from './gather-facts.ts';
import { findJsonAnswers, findJsonCalls } from './json-findings.ts';
import { findForcedReflows, findLargeUpdates } from './layout-findings.ts';
import { findLegacyScripts } from './legacy-findings.ts';
import { findErrors, findLargeDocument, findShifts } from './page-findings.ts';
import { findKeptElements, findKeptMemory, findListeners } from './site-findings.ts';
import { findLongFrames, findLongTasks, findSlowInteraction } from './task-findings.ts';

/** Findings of one step, in no particular order: rank-findings.ts orders them by what they explain. */
export function findFindings(input: FactsInput): Finding[] {
  const { facts, places } = gatherFacts(input);
  return [
    ...findPlateaus(facts),
    ...findWorkerPlateaus(facts),
    ...findWideTowers(facts),
    ...findManyCalls(facts),
    ...findLibraryCost(facts),
    ...findThirdParties(facts),
    ...findJsonCalls(facts, places),
    ...findJsonAnswers(facts),
    ...findLongTasks(facts),
    ...findLongFrames(facts),
    ...findSlowInteraction(facts),
    ...findForcedReflows(facts),
    ...findLargeUpdates(facts),
    ...findTimers(facts),
    ...findBusyEvents(facts),
    ...findCollection(facts),
    ...findListeners(facts),
    ...findKeptMemory(facts),
    ...findKeptElements(facts),
    ...findErrors(facts),
    ...findShifts(facts),
    ...findLargeDocument(facts),
    ...findLegacyScripts(facts, input.scripts),
  ];
}
