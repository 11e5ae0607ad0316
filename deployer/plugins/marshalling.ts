import type { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { annotateSecrets, withoutAssetContents, withoutReferences, withoutSecrets } from "../wire/properties";
import type { PropertyMap } from "../wire/property-value";
import type { Sdk } from "../wire/sdk";
import { fromStruct, toStruct } from "../wire/struct";

/** How properties go to a provider and come back: with no other marks than it takes. */
export class Marshalling {
  constructor(
    private readonly sdk: Sdk,
    readonly takes: { secrets: boolean; references: boolean },
  ) {}

  send(properties: PropertyMap): Struct {
    let value = properties;
    if (!this.takes.secrets) value = withoutSecrets(value);
    if (!this.takes.references) value = withoutReferences(value);
    return toStruct(this.sdk, value);
  }

  /** What the provider has had before: assets by their hash. */
  sendOld(properties: PropertyMap): Struct {
    return this.send(withoutAssetContents(properties));
  }

  receive(struct: Struct | undefined, sent: PropertyMap): PropertyMap {
    return this.annotate(fromStruct(struct), sent);
  }

  /** Marks as secret again what was sent without its mark. */
  annotate(properties: PropertyMap, sent: PropertyMap): PropertyMap {
    return this.takes.secrets ? properties : annotateSecrets(properties, sent);
  }
}
