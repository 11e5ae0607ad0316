import bcryptjs from "bcryptjs";

/** Cost that the plugin hashes with. */
const COST = 10;

/** bcrypt of the password's first 72 bytes in UTF-8, marked `2a` as Pulumi's plugin marks it. */
export async function bcrypt(password: string): Promise<string> {
  const salt = await bcryptjs.genSalt(COST);
  return bcryptjs.hash(password, salt.replace(/^\$2b\$/, "$2a$"));
}
