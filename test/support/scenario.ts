import type { Verb } from "./engines";

/** A program, or several one after another, whose final states and provider calls are compared with the Pulumi CLI's. */
export interface Scenario {
  name: string;
  region?: string;
  /** Files of the project from the beginning on. */
  files?: Record<string, string>;
  /** Variables of the environment that its steps are run in. */
  env?: NodeJS.ProcessEnv;
  steps: Step[];
}

export interface Step {
  title: string;
  verb: Verb;
  /** The program from this step on, with what most programs begin with before it. */
  program?: string;
  /** Other files from this step on. */
  files?: Record<string, string>;
  /** Interrupted as by Ctrl-C, as soon as the engine has said this. */
  interruptedAt?: string;
  /** `images` refuses it and says so, where the Pulumi CLI does it: this isn't compared, and must change nothing. */
  refused?: RegExp;
}
