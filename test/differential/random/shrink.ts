import type { History, Node, Options, Step } from "./model";
import { removeNode } from "./mutations";
import { isStuck } from "./waiting";

/** A history that is as small as single cuts make it, and still fails. */
export async function shrink(
  history: History,
  fails: (history: History) => Promise<boolean>,
): Promise<History> {
  let smallest = history;
  for (let shrunk = true; shrunk;) {
    shrunk = false;
    for (const cut of cuts(smallest)) {
      const candidate = structuredClone(smallest);
      cut(candidate);
      if (candidate.steps.some(({ program }) => isStuck(program))) continue;
      if (!(await fails(candidate).catch(() => false))) continue;
      smallest = candidate;
      shrunk = true;
      break;
    }
  }
  return smallest;
}

type Cut = (history: History) => void;

/** The cuts that a history can take, the largest first. */
function* cuts({ steps }: History): Generator<Cut> {
  if (steps.length > 1) yield ({ steps }) => steps.pop();
  for (let at = 0; at < steps.length - 1; at++) yield ({ steps }) => steps.splice(at, 1);
  for (const key of new Set(steps.flatMap(({ program }) => program.nodes.map((node) => node.key)))) {
    yield ({ steps }) => steps.forEach((step) => dropNode(step, key));
  }
  for (let at = 0; at < steps.length; at++) {
    const { program, faults, throwsAt } = steps[at]!;
    for (const { key } of program.nodes) yield ({ steps }) => dropNode(steps[at]!, key);
    for (const key of Object.keys(faults)) yield ({ steps }) => delete steps[at]!.faults[key];
    if (throwsAt !== undefined) yield ({ steps }) => delete steps[at]!.throwsAt;
    for (const output of Object.keys(program.outputs)) {
      yield ({ steps }) => steps.slice(at).forEach(({ program }) => delete program.outputs[output]);
    }
  }
  const options = new Set(
    steps.flatMap(({ program }) =>
      program.nodes.flatMap(({ key, options }) => Object.keys(options).map((option) => `${key} ${option}`)),
    ),
  );
  for (const both of options) {
    const [key, option] = both.split(" ") as [string, keyof Options];
    yield everywhere(key, (node) => delete node.options[option]);
  }
  for (let at = 0; at < steps.length; at++) {
    for (const { key, inputs, options, kind } of steps[at]!.program.nodes) {
      for (const option of Object.keys(options) as (keyof Options)[]) {
        yield ({ steps }) => delete nodeOf(steps[at]!, key)!.options[option];
      }
      if (kind === "external" || kind === "provider") continue;
      for (const [input, value] of Object.entries(inputs)) {
        if (input !== "a") yield everywhere(key, (node) => delete node.inputs[input]);
        if (!("value" in value) || value.value !== "text 1") {
          yield ({ steps }) => {
            nodeOf(steps[at]!, key)!.inputs[input] = { value: "text 1" };
          };
        }
      }
    }
  }
}

function everywhere(key: string, change: (node: Node) => void): Cut {
  return ({ steps }) => {
    for (const step of steps) {
      const node = nodeOf(step, key);
      if (node) change(node);
    }
  };
}

function nodeOf({ program }: Step, key: string): Node | undefined {
  return program.nodes.find((node) => node.key === key);
}

function dropNode(step: Step, key: string): void {
  if (nodeOf(step, key)) removeNode(step.program, key);
  delete step.faults[key];
}
