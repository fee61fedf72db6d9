/** How much a diagnosis records: several passes until the flame graph can be believed, and not for ever. */

/**
 * Passes that trace. The sampler looks every 0.2 ms, so 5 passes of a step that keeps its main thread busy for 100 ms
 * give some 2,500 samples: what takes a tenth of the step is then known to within 1 % of the step. Repeating the flow
 * until there are the 10 s of a profiler's rule of thumb would take 100 passes; who shows shares has to show how many
 * samples they come from.
 */
export const tracePasses = 5;

/** In a comparison base and head are profiled in turns: 8 pairs tell a difference of one standard deviation from none. */
export const comparedPasses = 8;
/** As few as give an interval with 95 % confidence; more only while there is time. */
export const leastComparedPasses = 5;

/** ms of main-thread CPU in each step at which more passes would add nothing: a profiler's 10 s. */
export const enoughCpu = 10_000;

/** ms after which no further pass begins; the one that runs is finished. */
export const timeForPasses = 60_000;

/** Failed passes in a row after which no other is tried. */
export const mostFailures = 2;
