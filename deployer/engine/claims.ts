import { UserError } from "../user-error";
import { createUrn } from "../wire/urn";
import type { AliasedResource } from "./aliases";
import { aliasUrns } from "./aliases";
import type { Base } from "./base";
import type { Registration } from "./registration";
import type { OldResource } from "./step";

/** Which resource of the program has which URN, and which resource of the base it carries on. */
export class Claims {
  private readonly urns = new Set<string>();
  /** The old URN of each resource that was found by an alias, and the reverse. */
  private readonly formerUrn = new Map<string, string>();
  private readonly takenOver = new Map<string, string>();

  constructor(
    private readonly stack: string,
    private readonly project: string,
    private readonly base: Base,
  ) {}

  /**
   * The URN of a resource of the program.
   *
   * @throws UserError for a URN that another one has, or a parent that isn't there.
   */
  claim(resource: { parent: string; type: string; name: string }): string {
    const { parent, type, name } = resource;
    if (parent && !this.urns.has(parent)) {
      throw new UserError(`The parent of ${name} isn't in the program: ${parent}.`);
    }
    const urn = createUrn({ ...this.identity, parent, type, name });
    if (this.urns.has(urn)) {
      throw new UserError(
        `Two resources are called "${name}" (${type}): give each a name of its own. ${urn}`,
      );
    }
    this.urns.add(urn);
    return urn;
  }

  /** The resource of the base that has the URN now, or had one of the aliases. */
  find(urn: string, registration: Registration): { old?: OldResource; alias?: string } {
    if (this.takenOver.has(urn)) {
      throw new UserError(`${urn} has been taken over already, as an alias of ${this.takenOver.get(urn)}.`);
    }
    const own = this.base.find(urn);
    if (own) return { old: own };
    if (registration.aliases.length === 0 && !this.formerUrn.has(registration.parent)) return {};
    const resource: AliasedResource = { ...registration, ...this.identity };
    for (const alias of aliasUrns(resource, registration.aliases, this.formerUrn)) {
      const old = this.base.find(alias);
      if (!old) continue;
      const owner = this.urns.has(alias) ? alias : this.takenOver.get(alias);
      if (owner) throw new UserError(`${urn} has the alias ${alias}, which belongs to ${owner}.`);
      this.takenOver.set(alias, urn);
      this.formerUrn.set(urn, alias);
      return { old, alias };
    }
    return {};
  }

  /** Under which URN a resource of the base goes on, where that is another. */
  newUrn(old: string): string | undefined {
    return this.takenOver.get(old);
  }

  private get identity(): { stack: string; project: string } {
    return { stack: this.stack, project: this.project };
  }
}
