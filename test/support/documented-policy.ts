import { readFile } from "node:fs/promises";
import path from "node:path";
import { root } from "./paths";

/**
 * The bucket's policy of docs/team-region.md, for a prefix and region `north`: `user` has account `web` there. Both are
 * environments as `S3Server.newUser` gives them.
 */
export async function documentedPolicy(
  bucket: string,
  prefix: string,
  { user, operator }: Record<"user" | "operator", NodeJS.ProcessEnv>,
): Promise<string> {
  const page = await readFile(path.join(root, "docs", "team-region.md"), "utf8");
  return /```json\n(\{\s+"Version"[\s\S]*?)```/
    .exec(page)![1]!
    .replaceAll("acme-images", bucket)
    .replaceAll("/north/north/platform/", `/${prefix}/north/web/`)
    .replaceAll("/north/north/@operator/", `/${prefix}/north/@operator/`)
    .replaceAll("/north/*", `/${prefix}/*`)
    .replaceAll(/"(alice|bob)"/g, `"${user.AWS_ACCESS_KEY_ID}"`)
    .replaceAll('"operator"', `"${operator.AWS_ACCESS_KEY_ID}"`);
}
