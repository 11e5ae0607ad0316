import type { DeploymentEvent, StepOp, StepView } from "./events";
import { code, foldedDiff, hidden, htmlCode, prose, row } from "./markdown";
import type { PropertyDiff } from "./property-diff";
import { diffProperties, diffResource } from "./property-diff";
import { resourceName } from "./resource-name";
import { changeCount, STEP_WORDS, summarize } from "./step-words";
import { count } from "./text";
import { valueText } from "./value-text";

/** GitHub takes no longer comment. */
const LONGEST = 65_536;
const LONGEST_SENTENCE = 2_000;

/** Kinds of change, those that take something away first. */
const ORDER: StepOp[] = ["replace", "delete", "update", "create", "read"];

/** How an account's use of a quota would change. */
export interface QuotaChange {
  region: string;
  account: string;
  /** "private images" */
  quota: string;
  limit: number;
  used: number;
  after: number;
}

interface Refusal {
  resource?: string;
  position?: string;
  message: string;
}

/** A part of the comment that is left out whole where there is no room for it. */
interface Part {
  kind: "refusal" | "change" | "difference" | "warning";
  text: string;
}

/** Gathers a preview, and renders it as a comment on a pull request; the same plan gives the same text. */
export class MarkdownPlan {
  readonly steps: StepView[] = [];
  quotas: QuotaChange[] = [];
  private title: Extract<DeploymentEvent, { type: "prelude" }> | undefined;
  private readonly refusals: Refusal[] = [];
  private readonly warnings: Refusal[] = [];
  private outputs: PropertyDiff[] = [];
  private summary: Extract<DeploymentEvent, { type: "summary" }> | undefined;

  readonly emit = (event: DeploymentEvent): void => {
    switch (event.type) {
      case "prelude":
        this.title = event;
        for (const message of event.recovered ?? []) this.warnings.push({ message });
        return;
      case "step":
        if (ORDER.includes(event.step.op)) this.steps.push(event.step);
        return;
      case "stepFailed":
        this.refusals.push({ resource: resourceName(event.step.urn), ...event.step, message: event.message });
        return;
      case "diagnostic":
        return this.diagnostic(event);
      case "outputs":
        this.outputs = diffProperties(event.old ?? {}, event.outputs);
        return;
      case "summary":
        this.summary = event;
    }
  };

  close(): void {}

  /** What kept the preview from being made at all. */
  fail(message: string): void {
    this.refusals.push({ message });
  }

  render(): string {
    const where = this.title ? ` of ${code(this.title.project)}, stack ${code(this.title.stack)}` : "";
    const marker = this.title ? `${this.title.project}/${this.title.stack}` : "";
    const head = [hidden(`images preview ${marker}`), `### Preview${where}`, this.headline()];
    const room = LONGEST - head.join("\n\n").length - quotaTable(this.quotas).length - 500;
    const { kept, dropped } = fit(
      [...this.refused(), ...this.warned(), ...this.changes(), ...this.details()],
      room,
    );
    const of = (kind: Part["kind"]): string[] =>
      kept.filter((it) => it.kind === kind).map(({ text }) => text);
    const sections = [
      ...head,
      underHead(["resource", "where", "property", "what is wrong, and what to do"], of("refusal")),
      of("warning").join("\n"),
      underHead(["", "change", "resource", "where", "what differs"], of("change")),
      quotaTable(this.quotas),
      of("difference").join("\n"),
      leftOut(dropped),
    ];
    return `${sections.filter(Boolean).join("\n\n")}\n`;
  }

  private diagnostic({
    severity,
    urn,
    position,
    message,
  }: Extract<DeploymentEvent, { type: "diagnostic" }>): void {
    const told = { resource: urn && resourceName(urn), position, message: message.trim() };
    if (severity === "error") this.refusals.push(told);
    if (severity === "warning") this.warnings.push(told);
  }

  private headline(): string {
    if (this.refusals.length > 0 || !this.summary || this.summary.result !== "succeeded") {
      return `**Refused: \`up\` would fail.** Nothing was changed.`;
    }
    const { changes } = this.summary;
    const text = summarize(changes, true);
    if (changeCount(changes) > 0) return `**${text}**`;
    return this.outputs.length > 0
      ? `**No changes but of outputs**${text && `: ${text}`}.`
      : `**No changes**${text && `: ${text}`}.`;
  }

  private refused(): Part[] {
    return this.refusals.map(({ resource, position, message }) => {
      const [, property = "", reason = message] = /^([\w.[\]"-]+): (.*)$/s.exec(message) ?? [];
      const cells = [resource, position, property].map((it) => (it ? code(it) : ""));
      return { kind: "refusal", text: row(...cells, prose(shortened(reason))) };
    });
  }

  private warned(): Part[] {
    return this.warnings.map(({ resource, message }) => ({
      kind: "warning",
      text: `- Warning${resource ? ` of ${code(resource)}` : ""}: ${prose(shortened(message))}`,
    }));
  }

  private changes(): Part[] {
    return this.sorted().map((step) => {
      const differing = [...new Set(differences(step).map(({ path }) => path.split(/[.[]/)[0]!))];
      const named = step.op === "create" ? "" : differing.map(code).join(", ");
      const { sign, plan } = STEP_WORDS[step.op];
      const where = step.position ? code(step.position) : "";
      return { kind: "change", text: row(code(sign), plan, code(resourceName(step.urn)), where, named) };
    });
  }

  private details(): Part[] {
    const parts = this.sorted().flatMap((step): Part[] => {
      const found = differences(step);
      if (found.length === 0) return [];
      const { sign, plan } = STEP_WORDS[step.op];
      const summary = `${sign} ${plan} ${htmlCode(resourceName(step.urn))}: ${count(found.length, "property", "properties")}`;
      return [{ kind: "difference", text: foldedDiff(summary, diffLines(found, step.replaces)) }];
    });
    if (this.outputs.length === 0) return parts;
    const summary = `Outputs: ${count(this.outputs.length, "difference")}`;
    return [...parts, { kind: "difference", text: foldedDiff(summary, diffLines(this.outputs)) }];
  }

  private sorted(): StepView[] {
    const rank = ({ op }: StepView): number => ORDER.indexOf(op);
    return [...this.steps].sort((a, b) => rank(a) - rank(b) || (a.urn < b.urn ? -1 : a.urn > b.urn ? 1 : 0));
  }
}

/** What differs in a resource; of a new one, all that the program says of it. */
function differences(step: StepView): PropertyDiff[] {
  return step.op === "delete" || step.op === "read" ? [] : diffResource(step, "inputs");
}

function diffLines(diffs: PropertyDiff[], replaces: string[] = []): string[] {
  return diffs.flatMap(({ path, kind, old, new: now }) => {
    const forces = replaces.includes(path.split(/[.[]/)[0]!) ? " (forces the replacement)" : "";
    const before = `- ${path}: ${valueText(old)}`;
    const after = `+ ${path}: ${valueText(now)}`;
    if (kind === "add") return [after + forces];
    return kind === "delete" ? [before + forces] : [before, after + forces];
  });
}

function quotaTable(quotas: QuotaChange[]): string {
  const rows = quotas.map(({ quota, region, account, used, after, limit }) =>
    row(prose(quota), code(account), code(region), String(used), String(after), String(limit)),
  );
  return underHead(["quota", "account", "region", "used", "after `up`", "limit"], rows);
}

function underHead(head: string[], rows: string[]): string {
  return rows.length === 0 ? "" : [row(...head), row(...head.map(() => "---")), ...rows].join("\n");
}

/** The first parts that have room, in their order. */
function fit(parts: Part[], room: number): { kept: Part[]; dropped: Part[] } {
  let left = room;
  const end = parts.findIndex(({ text }) => (left -= text.length + 1) < 0);
  return end < 0 ? { kept: parts, dropped: [] } : { kept: parts.slice(0, end), dropped: parts.slice(end) };
}

function leftOut(parts: Part[]): string {
  if (parts.length === 0) return "";
  const kinds = (["refusal", "warning", "change", "difference"] as const).flatMap((kind) => {
    const n = parts.filter((it) => it.kind === kind).length;
    return n > 0 ? [kind === "difference" ? `the differences of ${n} more` : count(n, kind)] : [];
  });
  return `Left out, for a comment holds no more: ${kinds.join(", ")}. \`images preview\` shows everything.`;
}

const shortened = (text: string): string =>
  text.length > LONGEST_SENTENCE ? `${text.slice(0, LONGEST_SENTENCE - 1)}…` : text;
