import type { Command } from "commander";
import { InvalidArgumentError, Option } from "commander";
import type { AuditEntry, AuditFilter, Moment } from "../../provider/engine/catalog/postgres/audit";
import { action } from "../action";
import { withStack } from "../command-options";
import type { StackOptions } from "../command-options";

interface AuditOptions extends StackOptions, AuditFilter {
  endpoint?: string;
  json?: boolean;
}

const KINDS = ["image", "instance", "volume", "share", "export", "key", "account", "offered"];
const ACTIONS = ["insert", "update", "delete", "sweep", "import", "apply", "drop"];
/** Of a table, for people. */
const SHOWN = 100;
const UNITS = { s: 1, m: 60, h: 3600, d: 86400 };

export function addAudit(program: Command): void {
  withStack(program.command("audit"))
    .description("who changed what in a team's region, when, and from which program and stack")
    .option("--endpoint <url>", "the region; default: images:endpoint of the stack's configuration")
    .option("--login <name>", "only by this database login")
    .option("--region <name>", "only of this region")
    .option("--account <name>", "only of this account; default: all that the login may see")
    .addOption(new Option("--action <action>", "only these").choices(ACTIONS))
    .addOption(new Option("--kind <kind>", "only of these").choices(KINDS))
    .option("--resource <id>", "only of this: an ID, a name, a URN, or its name in a program")
    .addOption(
      new Option(
        "--program <project>",
        "only what this program declares: PROJECT, or PROJECT/STACK",
      ).argParser(programOf),
    )
    .addOption(
      new Option(
        "--since <when>",
        "not before: a moment (2026-01-31T12:00:00Z), or 90s, 15m, 2h, 7d ago",
      ).argParser(momentOf),
    )
    .addOption(new Option("--until <when>", "before: as for --since").argParser(momentOf))
    .addOption(
      new Option("--limit <n>", `the newest so many; default: ${SHOWN}, as JSON all`).argParser(limitOf),
    )
    .option("-j, --json", "as JSON")
    .action(action(runAudit));
}

async function runAudit({ endpoint, json, limit, ...options }: AuditOptions): Promise<void> {
  const { configuredRegion } = await import("./open-lookups.js");
  const { isPostgres } = await import("../../provider/engine/catalog/postgres/address.js");
  const { PostgresDatabase } = await import("../../provider/engine/catalog/postgres/database.js");
  const { readAudit } = await import("../../provider/engine/catalog/postgres/audit.js");
  const { UserError } = await import("../../deployer/user-error.js");
  const place = endpoint ?? (await configuredRegion(options)).endpoint;
  if (!isPostgres(place)) {
    throw new UserError(
      `The region ${place} is an embedded one, which keeps no audit: a team's region does.`,
    );
  }
  const database = new PostgresDatabase(place);
  try {
    if (json) {
      const entries = await readAudit(database, { ...options, limit });
      process.stdout.write(`${JSON.stringify(entries, undefined, 2)}\n`);
      return;
    }
    const most = limit ?? SHOWN;
    const entries = await readAudit(database, { ...options, limit: most + 1 });
    process.stdout.write(await shown(entries.slice(-most)));
    if (entries.length > most)
      process.stderr.write(`These are the newest ${most}. Older ones: --limit, --until.\n`);
  } finally {
    await database.close();
  }
}

async function shown(entries: readonly AuditEntry[]): Promise<string> {
  if (entries.length === 0) return "No change is written down that fits.\n";
  const { table } = await import("../../deployer/display/table.js");
  const rows = entries.map((entry) => [
    entry.at.replace(/\.\d+Z$/, "Z"),
    entry.login,
    [entry.region, entry.account].filter(Boolean).join("/"),
    [entry.action, entry.changed?.join(",")].filter(Boolean).join(" "),
    entry.kind,
    entry.id,
    entry.name ?? "",
    entry.declaredBy === undefined ? "" : declaration(entry.declaredBy),
  ]);
  return table(["TIME", "LOGIN", "ACCOUNT", "ACTION", "KIND", "ID", "NAME", "DECLARED BY"], rows);
}

/** `project/stack name` of a URN. */
function declaration(urn: string): string {
  const [, stack, project, name] = /^urn:pulumi:([^:]+)::([^:]+)::.*?::(.*)$/.exec(urn) ?? [];
  return name === undefined ? urn : `${project}/${stack} ${name}`;
}

function programOf(text: string): AuditFilter["program"] {
  const [project, stack, ...more] = text.split("/");
  if (!project || stack === "" || more.length > 0)
    throw new InvalidArgumentError("It must be PROJECT, or PROJECT/STACK.");
  return { project, stack };
}

function momentOf(text: string): Moment {
  const [, number, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (number !== undefined) return { secondsAgo: Number(number) * UNITS[unit as keyof typeof UNITS] };
  if (!/^\d{4}-\d\d-\d\d/.test(text) || Number.isNaN(Date.parse(text)))
    throw new InvalidArgumentError("It must be a moment such as 2026-01-31T12:00:00Z, or 90s, 15m, 2h, 7d.");
  return new Date(text).toISOString();
}

function limitOf(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text))
    throw new InvalidArgumentError("It must be a whole number from 1 to 999999.");
  return Number(text);
}
