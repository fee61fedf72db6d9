/** The part of jstat that is used here; the package brings no types. */
declare module 'jstat' {
  interface JStat {
    normal: { inv(p: number, mean: number, sd: number): number; cdf(x: number, mean: number, sd: number): number };
    beta: { inv(p: number, alpha: number, beta: number): number };
    noncentralt: { cdf(x: number, degreesOfFreedom: number, noncentrality: number): number };
    studentt: {
      inv(p: number, degreesOfFreedom: number): number;
      cdf(x: number, degreesOfFreedom: number): number;
    };
    chisquare: { inv(p: number, degreesOfFreedom: number): number };
    binomial: { cdf(k: number, n: number, p: number): number };
    /** Regularised incomplete beta function I_x(a, b). */
    ibeta(x: number, a: number, b: number): number;
    /** ln B(a, b). */
    betaln(a: number, b: number): number;
  }
  const jStat: JStat;
  export default jStat;
}
