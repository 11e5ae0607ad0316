import { expect } from "chai";
import { describeSchema, Team } from "./team";

/** Every function that a client may call, and what for. One that isn't listed is one that nobody decided to give. */
const CALLABLE: Record<string, string> = {
  "my_account_ids()": "row-level security asks it for each statement; tells a login its own accounts",
  "shared_images()": "what is shared with the caller, without what only its owner needs",
  "shares_with_me()": "the shares with the caller, likewise",
  "settings()": "regions, accounts' names, own quotas, what is offered",
  "schema_version()": "whether this program knows the schema",
  "accepted_shares(text, text)": "a number, of the caller's regions",
  "places_taken()": "numbers, of own accounts",
  "places_taken(text, text)": "numbers, of own accounts",
  "insert_record(text, jsonb, bigint, jsonb)": "checks all rules",
  "update_record(text, text, jsonb)": "checks all rules; own records",
  "delete_record(text, text)": "checks all rules; own records",
  "mark_seen(text[])": "own records",
  "own_creator(text, int, text)": "the caller's own processes",
  "beat(bigint)": "the caller's own processes",
  "leave(bigint)": "the caller's own processes",
  "creators()": "processes that have something of the caller's in the making",
  "sweep(bigint[])": "own records",
  "discard_contents(text[])": "own contents",
  "discarded()": "own contents",
  "forget_contents(text[])": "own contents",
  "other_exporter(text, text, text)": "whose export has a name, which an insertion tells as well",
  "content(text)": "own contents, those of images that are seen, those that are offered",
  "contents()": "the same ones",
  "discarded_contents()": "own contents",
  "begin_content(text, jsonb)": "own contents",
  "finish_content(text, jsonb)": "own contents",
  "keep_checksum(text, text)": "own contents",
  "share_content(text, text, bigint, bigint)": "own contents",
  "share_made_of(text, text, bigint)": "own contents",
  "remove_content(text)": "own contents",
  "master_key_list()": "own keys; no secrets stand there",
  "master_key(text)": "own keys, and those that seal a disk that is seen",
  "lock_master_keys()": "own accounts",
  "put_master_key(jsonb)": "own keys",
  "wrapped_by(text)": "own data keys",
  "rewrap(text, text, text, text)": "own data keys",
};

/** What a client may read, under row-level security; all else of the schema it has no privilege for. */
const READABLE = [
  "audit",
  "disk_references",
  "exports",
  "image_tags",
  "images",
  "instances",
  "shares",
  "volumes",
  "wrapped_keys",
];

const OURS = "'images'::regnamespace";

describeSchema("PostgreSQL gives clients", () => {
  let team: Team;

  before(async () => {
    team = await Team.found({}, ["acme"]);
  });

  const names = async (text: string, values: unknown[] = []) =>
    (await team.rows<{ name: string }>(text, values)).map(({ name }) => name);

  it("these functions to call, and no others", async () => {
    const callable = (role: string) =>
      names(
        `select proname || '(' || replace(oidvectortypes(proargtypes), 'integer', 'int') || ')' as name from pg_proc
        where pronamespace = ${OURS} and has_function_privilege($1, oid, 'execute')`,
        [role],
      );
    expect(await callable(team.roleOf("acme"))).to.have.members(Object.keys(CALLABLE));
    expect(await callable("images_client")).to.have.members(Object.keys(CALLABLE));
    const ofAll = `select proname as name from pg_proc where pronamespace = ${OURS}
      and exists (select from aclexplode(coalesce(proacl, acldefault('f', proowner))) where grantee = 0)`;
    expect(await names(ofAll)).to.deep.equal([]);
  });

  it("functions that run as their owner and find their names in the schema, whatever the caller's search path", async () => {
    const bare = `select proname as name from pg_proc where pronamespace = ${OURS} and not prosecdef
      and has_function_privilege('images_client', oid, 'execute')`;
    // A number, with nothing to find.
    expect(await names(bare)).to.deep.equal(["schema_version"]);
    const loose = `select proname as name from pg_proc where pronamespace = ${OURS} and prosecdef
      and not proconfig @> array['search_path=images, pg_temp']`;
    expect(await names(loose)).to.deep.equal([]);
    expect(
      await names(`select proname as name from pg_proc where pronamespace = ${OURS} and proleakproof`),
    ).to.deep.equal([]);
  });

  it("tables to read by row-level security, and nothing to write", async () => {
    const granted = await team.rows<{ name: string; privilege: string }>(
      `select relname as name, privilege_type as privilege from pg_class,
        aclexplode(coalesce(relacl, acldefault(case relkind when 'S' then 's' else 'r' end::"char", relowner))) as acl
      where relnamespace = ${OURS} and relkind in ('r', 'v', 'm', 'p', 'f', 'S') and grantee <> relowner order by 1`,
    );
    expect(granted).to.deep.equal(READABLE.map((name) => ({ name, privilege: "SELECT" })));
    const columns = `select attname as name from pg_attribute join pg_class on pg_class.oid = attrelid
      where relnamespace = ${OURS} and attacl is not null`;
    expect(await names(columns)).to.deep.equal([]);
  });

  it("row-level security on every table, with a policy that shows own rows where clients read, and no other", async () => {
    const unprotected = `select relname as name from pg_class
      where relnamespace = ${OURS} and relkind in ('r', 'p', 'f', 'm') and not relrowsecurity`;
    expect(await names(unprotected), "enable row level security in a step").to.deep.equal([]);
    const policies = await team.rows(
      `select tablename as table, cmd, roles::text[], with_check, qual from pg_policies where schemaname = 'images' order by 1`,
    );
    const own = "(account_id = ANY (( SELECT images.my_account_ids() AS my_account_ids)::integer[]))";
    expect(policies).to.deep.equal(
      READABLE.filter((name) => name !== "wrapped_keys").map((table) => ({
        ...{ table, cmd: "SELECT", roles: ["public"], with_check: null, qual: own },
      })),
    );
    const views = `select relname as name from pg_class where relnamespace = ${OURS} and relkind = 'v'
      and not coalesce(reloptions @> array['security_barrier=true'], false)`;
    expect(await names(views)).to.deep.equal([]);
  });

  it("the use of the schema, and PUBLIC nothing of it nor of what is made in it later", async () => {
    const granted = await team.rows(
      `select grantee::regrole::text as role, privilege_type as privilege from pg_namespace, aclexplode(nspacl)
      where nspname = 'images' and grantee <> nspowner`,
    );
    expect(granted).to.deep.equal([{ role: "images_client", privilege: "USAGE" }]);
    expect(await team.rows("select * from pg_default_acl")).to.deep.equal([]);
    const roles = await team.rows(
      "select rolsuper or rolcreaterole or rolcreatedb or rolbypassrls or rolreplication or rolcanlogin as can from pg_roles where rolname in ('images_client', $1)",
      [team.roleOf("acme")],
    );
    expect(roles).to.deep.equal([{ can: false }, { can: false }]);
  });

  it("no temporary objects, and none in the schemas of all", async () => {
    const role = team.roleOf("acme");
    const [may] = await team.rows(
      `select has_database_privilege($1, current_database(), 'temporary') as temporary,
        has_database_privilege($1, current_database(), 'create') as schemas,
        has_schema_privilege($1, 'public', 'create') as public`,
      [role],
    );
    expect(may).to.deep.equal({ temporary: false, schemas: false, public: false });
  });
});
