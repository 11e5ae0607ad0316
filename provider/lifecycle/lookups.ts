import type { JSONSchemaType } from "ajv";
import { imagesCsv } from "../engine/images-csv";
import type { ImageEngine, ImageFilter, QuotaUse, VisibleImage } from "../engine/engine";
import { ViolationError } from "../engine/violation";
import { ConfiguredRegion } from "./configured-region";
import { given } from "./inputs";
import type { Properties } from "./lifecycle";
import { imageOutputs } from "./outputs";
import { architecture, argumentsOf, flag, tags, text } from "./schema";

type Config = { readonly [key: string]: unknown };
type Filter = ImageFilter & { id?: string };
type Scope = { region?: string; account?: string };

const scope = { region: text, account: text } as const;
const filterSchema: JSONSchemaType<Filter> = {
  type: "object",
  properties: {
    ...scope,
    id: text,
    name: text,
    nameRegex: text,
    visibility: { type: "string", enum: ["public", "marketplace", "private", "shared"], nullable: true },
    architecture,
    tags,
    mostRecent: flag,
  },
  required: [],
};
const scopeSchema: JSONSchemaType<Scope> = { type: "object", properties: scope, required: [] };
const filterArguments = argumentsOf("The lookup", filterSchema);
const scopeArguments = argumentsOf("The lookup", scopeSchema);

/** Exactly one image. Throws ViolationError where none or several match, with what there is. */
export async function lookUpImage(config: Config, filter: Properties): Promise<Properties> {
  const found = await ask(config, filterArguments.validate(filter), ({ lookups }) =>
    lookups.image(given(filter) as Filter),
  );
  return seen(found);
}

/** All images that match, newest first. */
export async function lookUpImages(config: Config, filter: Properties): Promise<Properties[]> {
  const found = await ask(config, filterArguments.validate(filter), ({ lookups }) =>
    lookups.images(given(filter) as Filter),
  );
  return found.map(seen);
}

/** The same as CSV, oldest first. */
export function lookUpImagesCsv(config: Config, filter: Properties): Promise<string> {
  return ask(config, filterArguments.validate(filter), async ({ lookups }) =>
    imagesCsv(await lookups.images(given(filter) as Filter)),
  );
}

export function lookUpQuotas(config: Config, place: Properties): Promise<QuotaUse> {
  return ask(config, scopeArguments.validate(place), ({ lookups }) => lookups.quotas(given(place) as Scope));
}

function seen({ image, visibility }: VisibleImage): Properties {
  return given({
    ...imageOutputs(image),
    id: image.id,
    visibility,
    architectures: image.architectures,
    standIn: image.standIn,
  });
}

/** Lookups of one turn of the event loop, which share an opened region and what it held at one moment. */
class Batch {
  private waiting = 0;
  private readonly region = new ConfiguredRegion();
  private readonly turn: Promise<void>;

  constructor(config: Config, sealed: () => void) {
    this.region.configure(config);
    this.turn = new Promise((resolve) => setImmediate(resolve)).then(sealed);
  }

  async ask<T>(question: (engine: ImageEngine) => Promise<T>): Promise<T> {
    this.waiting += 1;
    try {
      await this.turn;
      return await question(await this.region.engine());
    } finally {
      this.waiting -= 1;
      if (this.waiting === 0) await this.region.close();
    }
  }
}

let gathering: Batch | undefined;

/**
 * A later lookup opens the region anew: it may ask for what this run has made since. Nothing stays open, so that the
 * program can end.
 */
async function ask<T>(
  config: Config,
  violations: ViolationError["violations"],
  question: (engine: ImageEngine) => Promise<T>,
): Promise<T> {
  if (violations.length > 0) throw new ViolationError(violations);
  gathering ??= new Batch(config, () => (gathering = undefined));
  return gathering.ask(question);
}
