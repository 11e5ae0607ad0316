import type { DeploymentEvent, Emit, StepView } from "../display/events";
import type { ResourceState } from "../state/resource-state";
import type { UpdateSession } from "../state/stack-store";
import { isObject, isSecret } from "../wire/properties";
import type { PropertyValue } from "../wire/property-value";
import { secret, UNKNOWN } from "../wire/property-value";
import type { JournalEntry } from "./journal";

/** Shorter ones would make messages unreadable, and be found in what is left of them. */
const SHORTEST = 3;
const SHORTEST_LINE = 8;
const SHOWN = "[secret]";

/** The plaintexts of a run's secrets, to be kept out of all that is told. */
export class SecretTexts {
  private readonly texts = new Set<string>();
  /** Looked through when there is something to tell, which most runs never have. */
  private unread: (PropertyValue | undefined)[] = [];

  /** Takes in the secrets among properties. */
  learn(...values: (PropertyValue | undefined)[]): void {
    this.unread.push(...values);
  }

  /** Takes in a secret value of the configuration, which may be JSON. */
  learnConfig(value: string): void {
    this.learn(secret(value));
    try {
      this.learn(secret(JSON.parse(value) as PropertyValue));
    } catch {
      // No JSON.
    }
  }

  /** The text with `[secret]` for each plaintext in it; the longest one where several begin at one place. */
  hide(text: string): string {
    for (const value of this.unread.splice(0)) this.find(value, false);
    const found = [...this.texts].filter((it) => text.includes(it)).sort((a, b) => b.length - a.length);
    if (found.length === 0) return text;
    return text.replace(new RegExp(found.map(escapeRegExp).join("|"), "g"), SHOWN);
  }

  private find(value: PropertyValue | undefined, isInSecret: boolean): void {
    if (Array.isArray(value)) value.forEach((item) => this.find(item, isInSecret));
    else if (isSecret(value)) this.find(value["value"], true);
    else if (isObject(value)) Object.values(value).forEach((item) => this.find(item, isInSecret));
    else if (isInSecret && (typeof value === "string" || typeof value === "number")) this.add(String(value));
  }

  /** Also as a string of JSON; and a longer one's lines, for output comes line by line. */
  private add(text: string): void {
    if (text.length < SHORTEST || text === UNKNOWN || /^(true|false|null)$/.test(text)) return;
    this.texts.add(text).add(JSON.stringify(text).slice(1, -1));
    if (!text.includes("\n")) return;
    for (const line of text.split("\n").map((it) => it.trim())) {
      if (line.length >= SHORTEST_LINE) this.texts.add(line);
    }
  }
}

/** Hides secrets in the sentences of events, after taking in those of the resources that they are about. */
export function hidingSecrets(emit: Emit, secrets: SecretTexts): Emit {
  return (event) => {
    if ("step" in event) secrets.learn(event.step.new?.inputs, event.step.new?.outputs);
    emit(withHidden(event, secrets));
  };
}

function withHidden(event: DeploymentEvent, secrets: SecretTexts): DeploymentEvent {
  switch (event.type) {
    case "diagnostic":
      return { ...event, message: secrets.hide(event.message) };
    case "output":
      return { ...event, line: secrets.hide(event.line) };
    case "stepFailed":
      return { ...event, step: withHiddenErrors(event.step, secrets), message: secrets.hide(event.message) };
    case "step":
    case "stepDone":
      return { ...event, step: withHiddenErrors(event.step, secrets) };
    default:
      return event;
  }
}

/** Hides secrets in what providers say of resources that didn't come up, which the state keeps as plain text. */
export function recordingNoSecrets(session: UpdateSession, secrets: SecretTexts): UpdateSession {
  const hidden = (entry: JournalEntry): JournalEntry => {
    if (!("state" in entry) || !entry.state?.initErrors) return entry;
    secrets.learn(entry.state.inputs, entry.state.outputs);
    return { ...entry, state: hideErrors(entry.state, secrets) } as JournalEntry;
  };
  return { ...session, append: (...entries) => session.append(...entries.map(hidden)) };
}

function withHiddenErrors(step: StepView, secrets: SecretTexts): StepView {
  return { ...step, old: hideErrors(step.old, secrets), new: hideErrors(step.new, secrets) };
}

function hideErrors<State extends ResourceState | undefined>(state: State, secrets: SecretTexts): State {
  if (!state?.initErrors) return state;
  return { ...state, initErrors: state.initErrors.map((it) => secrets.hide(it)) };
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
