import Ajv from "ajv";
import { readFileSync } from "node:fs";
import path from "node:path";
import { root } from "./paths";

export interface EventState {
  id: string;
  inputs: Record<string, unknown>;
  outputs: Record<string, unknown>;
}

export interface EventMetadata {
  op: string;
  urn: string;
  type: string;
  old: EventState | null;
  new: EventState | null;
  keys?: string[];
  logical?: true;
}

/** As far as tests look into them; the schema has all of it. */
export interface EngineEvent {
  sequence: number;
  preludeEvent?: { config: Record<string, string> };
  resourcePreEvent?: { metadata: EventMetadata; planning?: true };
  resOutputsEvent?: { metadata: EventMetadata; planning?: true };
  resOpFailedEvent?: { metadata: EventMetadata };
  diagnosticEvent?: { urn?: string; message: string; severity: string };
  summaryEvent?: { resourceChanges: Record<string, number>; result: string; isPreview: boolean };
  cancelEvent?: object;
}

const schema = JSON.parse(
  readFileSync(path.join(root, "docs", "engine-event.schema.json"), "utf8"),
) as object;
const validate = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(schema);

/** The events of `--json`; throws on the first line that isn't one by the documented schema. */
export function readEngineEvents(text: string): EngineEvent[] {
  return text
    .split("\n")
    .filter(Boolean)
    .map((line) => {
      const event: unknown = JSON.parse(line);
      if (validate(event)) return event as EngineEvent;
      const faults = validate.errors!.map(({ instancePath, message }) => `${instancePath} ${message}`);
      throw new Error(`not an engine event: ${faults.join(", ")}\n${line}`);
    });
}

/** `preludeEvent`, `resourcePreEvent`, … */
export function kindOf(event: EngineEvent): string {
  return Object.keys(event).find((key) => key.endsWith("Event"))!;
}
